import assert from "node:assert/strict";
import { after, it } from "node:test";
import { bodyHash, signCall, streamed } from "#platform/auth/service-proof.ts";
import { readConfig } from "#platform/kit/config.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { isProvenBody, provenRequest, SenderConfig, Senders, type Sender } from "./sender.ts";
import { createHttpServer } from "./server.ts";

const key = "a-key-that-only-tests-know-0123456789";
const clock = new TestClock();
const ours = "10.0.0.0/8, 192.0.2.7, 2001:db8::/32";

type Headers = { readonly [name: string]: string };

/** The sender of a request that came from `address` with these headers. */
async function senderOf(headers: Headers, { address = "198.51.100.1", proxies = "" } = {}): Promise<Sender> {
  const senders = new Senders({ proxies, serviceKey: key, clock });
  const app = createHttpServer({ service: "test", log: silentLog });
  after(async () => await app.close());
  let found: Sender | undefined;
  app.get("/page", (request, reply) => {
    found = senders.of(request);
    return reply.send({});
  });
  await app.inject({
    url: "/page",
    headers: { host: "socket.example", ...headers },
    remoteAddress: address,
  });
  assert.ok(found);
  return found;
}

const shown = ({ address, scheme, host }: Sender) => `${scheme}://${host} from ${address}`;

function asService(
  name: string,
  said: Headers,
  { hash = streamed, method = "GET /page", nowMs = clock.now().getTime() } = {},
) {
  const [verb = "", path = ""] = method.split(" ");
  const proof = signCall(name, key, nowMs, { ...provenRequest(verb, path, said), bodyHash: hash });
  return { ...said, "x-stoa-service": proof };
}

it("what an untrusted client says of address, scheme and host has no effect, however it is written", async () => {
  for (const text of ["203.0.113.9", "127.0.0.1, 203.0.113.9", "::1", "unknown", ",,,", "x".repeat(5000)]) {
    const headers = {
      "x-forwarded-for": text,
      "x-forwarded-proto": "https",
      "x-forwarded-host": "evil.example",
      forwarded: "for=203.0.113.9;proto=https;host=evil.example",
      "x-stoa-client-address": "203.0.113.9",
      "x-stoa-client-scheme": "https",
      "x-stoa-client-host": "evil.example",
    };
    assert.equal(shown(await senderOf(headers)), "http://socket.example from 198.51.100.1");
    const elsewhere = await senderOf(headers, { proxies: ours });
    assert.equal(shown(elsewhere), "http://socket.example from 198.51.100.1");
  }
});

it("behind a trusted proxy the rightmost address that is none of ours counts; what is left of it may be invented", async () => {
  const addressOf = async (text: string, address = "10.1.2.3") =>
    (await senderOf({ "x-forwarded-for": text }, { address, proxies: ours })).address;
  assert.equal(await addressOf("203.0.113.9"), "203.0.113.9");
  assert.equal(await addressOf("1.2.3.4, 203.0.113.9, 192.0.2.7"), "203.0.113.9");
  assert.equal(await addressOf("203.0.113.9, rubbish"), "10.1.2.3");
  assert.equal(await addressOf("203.0.113.9", "::ffff:10.1.2.3"), "203.0.113.9");
  assert.equal(await addressOf("203.0.113.9", "2001:db8::7"), "203.0.113.9");
});

it("scheme and host are the trusted proxy's word, beside the address they belong to", async () => {
  const behind = async (headers: Headers) =>
    shown(await senderOf(headers, { address: "10.1.2.3", proxies: ours }));
  const one = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "shop.example",
  };
  assert.equal(await behind(one), "https://shop.example from 203.0.113.9");
  // The client invented the left entries; the proxy added the right ones.
  const appended = {
    "x-forwarded-for": "1.1.1.1, 203.0.113.9",
    "x-forwarded-proto": "https, http",
    "x-forwarded-host": "evil.example, shop.example",
  };
  assert.equal(await behind(appended), "http://shop.example from 203.0.113.9");
  // Two of ours, of which the outer one ends TLS.
  const two = { "x-forwarded-for": "203.0.113.9, 192.0.2.7", "x-forwarded-proto": "https, http" };
  assert.equal(await behind(two), "https://socket.example from 203.0.113.9");
  assert.equal(await behind({ "x-forwarded-proto": "https" }), "https://socket.example from 10.1.2.3");
  for (const odd of ["gopher", "", "https://", "http s"])
    assert.match(await behind({ ...one, "x-forwarded-proto": odd }), /^http:/, odd);
  for (const odd of ["a b", "shop.example/x", "<script>", "x".repeat(300)])
    assert.match(await behind({ ...one, "x-forwarded-host": odd }), /socket\.example/, odd);
});

it("what a service of ours says counts only with its proof, and only as it said it", async () => {
  const said = {
    "x-stoa-client-address": "203.0.113.9",
    "x-stoa-client-scheme": "https",
    "x-stoa-client-host": "shop.example",
  };
  const proven = await senderOf(asService("gateway", said));
  assert.deepEqual([shown(proven), proven.service], ["https://shop.example from 203.0.113.9", "gateway"]);
  const none = "http://socket.example from 198.51.100.1";
  const good = asService("gateway", said);
  for (const headers of [
    said,
    { ...good, "x-stoa-service": `${good["x-stoa-service"].slice(0, -1)}_` },
    { ...good, "x-stoa-client-address": "203.0.113.10" },
    { ...good, "x-stoa-client-host": "evil.example" },
    { ...good, authorization: "Bearer another" },
    asService("gateway", said, { method: "GET /another" }),
    asService("gateway", said, { method: "POST /page" }),
    asService("gateway", said, { nowMs: clock.now().getTime() - 61_000 }),
    asService("gateway", said, { nowMs: clock.now().getTime() + 61_000 }),
  ]) {
    const sender = await senderOf(headers);
    assert.deepEqual([shown(sender), sender.service], [none, undefined]);
  }
  const nonsense = await senderOf(asService("gateway", { "x-stoa-client-address": "nonsense" }));
  assert.equal(shown(nonsense), none);
});

it("a proof speaks of one body; of a streamed one it says nothing", async () => {
  const sender = await senderOf(asService("storefront", {}, { hash: bodyHash('{"a":1}') }));
  assert.equal(isProvenBody(sender, '{"a":1}'), true);
  assert.equal(isProvenBody(sender, Buffer.from('{"a":1}')), true);
  assert.equal(isProvenBody(sender, '{"a":2}'), false);
  assert.equal(isProvenBody(sender, undefined), false);
  assert.equal(isProvenBody(await senderOf(asService("storefront", {})), ""), false);
  assert.equal(
    isProvenBody(await senderOf(asService("storefront", {}, { hash: bodyHash() })), undefined),
    true,
  );
  assert.equal(isProvenBody(await senderOf({}), undefined), false);
});

it("a list of proxies that is none is refused, under either name", () => {
  for (const list of ["10.0.0.0/33", "10.0.0.0/x", "example.com", "10.0.0.0/8;10.1.0.0/16", "1"])
    for (const name of ["TRUSTED_PROXIES", "GATEWAY_TRUSTED_PROXIES"])
      assert.throws(
        () => readConfig(SenderConfig, { [name]: list }),
        new RegExp(`${name} must be addresses`),
      );
  assert.equal(readConfig(SenderConfig, { GATEWAY_TRUSTED_PROXIES: ours }).TRUSTED_PROXIES, ours);
});
