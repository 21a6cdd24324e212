import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { proofHeader, provenRequest, Senders } from "#platform/http/sender.ts";
import { signCall, streamed } from "#platform/auth/service-proof.ts";
import { createHttpServer, listen } from "#platform/http/server.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { mountApiFront, precedenceOfPath } from "./api-front.ts";
import type { StorefrontContext } from "./context.ts";

const serviceKey = "a-key-that-only-tests-know-0123456789";
const seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];
const gateway = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { method = "", url = "", headers } = request;
    seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    const isLive = headers.accept === "text/event-stream";
    response.writeHead(url === "/api/orders" ? 201 : 200, {
      "content-type": isLive ? "text/event-stream" : "application/json",
      "content-security-policy": "default-src 'none'",
      "set-cookie": ["stoa_admin=1; HttpOnly; Path=/admin", "b=2"],
    });
    if (isLive) response.write("data: one\n\n");
    else response.end('{"done":true}');
  });
});
gateway.listen(0, "127.0.0.1");
await once(gateway, "listening");
after(() => (gateway.closeAllConnections(), gateway.close()));

async function open(apiUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`, proxies = "") {
  const app = createHttpServer({ service: "storefront", log: silentLog, serviceKey });
  const ctx = {
    api: { guard: undefined },
    shop: { httpTls: undefined, serviceKey, apiUrl: () => apiUrl },
    clock: systemClock,
    log: silentLog,
    config: { TRUSTED_PROXIES: proxies, STOREFRONT_HSTS_SECONDS: 0 },
  } as unknown as StorefrontContext;
  const close = await mountApiFront(app, ctx);
  app.get("/", async () => await Promise.resolve("a page"));
  const port = await listen(app, "127.0.0.1", 0);
  after(async () => {
    await app.close();
    close();
  });
  return { app, origin: `http://127.0.0.1:${port}` };
}

test("what is no page goes on to the gateway and comes back with status, headers and cookies as they are (S3-03)", async () => {
  const { origin } = await open();
  for (const path of [
    "/api",
    "/api/orders",
    "/admin",
    "/admin/login?next=x",
    "/docs",
    "/openapi.json",
    "/.well-known/jwks.json",
  ]) {
    const answer = await fetch(origin + path, { headers: { authorization: "Bearer t", cookie: "c=1" } });
    assert.equal(answer.status, path === "/api/orders" ? 201 : 200);
    assert.equal(answer.headers.get("content-security-policy"), "default-src 'none'");
    assert.deepEqual(answer.headers.getSetCookie(), ["stoa_admin=1; HttpOnly; Path=/admin", "b=2"]);
    assert.deepEqual([seen.at(-1)?.url, seen.at(-1)?.headers.cookie], [path, "c=1"]);
    assert.equal(seen.at(-1)?.headers.authorization, "Bearer t");
  }
  const body = "x".repeat(900_000);
  const kept = await fetch(`${origin}/api/files`, {
    method: "POST",
    body,
    headers: { "content-type": "image/png" },
  });
  assert.deepEqual([kept.status, seen.at(-1)?.body.length], [200, body.length]);
  const before = seen.length;
  assert.equal(await (await fetch(origin)).text(), "a page");
  for (const path of ["/apis", "/administration", "/documents"])
    assert.equal((await fetch(origin + path)).status, 404);
  assert.equal(seen.length, before, "pages are the storefront's own");
});

test("the gateway believes the storefront about the client; the client's own word counts for nothing", async () => {
  const trusting = await open(undefined, "127.0.0.1");
  const plain = await open();
  const headers = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "shop.example",
    "x-stoa-service": "gateway.1.x.x",
  };
  const senderOfLast = () => {
    const request = { ...seen.at(-1), socket: { remoteAddress: "10.0.0.1" } };
    const { address, scheme, host, service } = new Senders({
      proxies: "",
      serviceKey,
      clock: systemClock,
    }).of(request as never);
    return [address, scheme, host, service];
  };
  await fetch(`${trusting.origin}/api/orders`, { headers });
  assert.deepEqual(senderOfLast(), ["203.0.113.9", "https", "shop.example", "storefront"]);
  await fetch(`${plain.origin}/api/orders`, { headers });
  assert.deepEqual(senderOfLast(), ["127.0.0.1", "http", plain.origin.slice("http://".length), "storefront"]);
});

test("what the gateway has handed on never goes back to it", async () => {
  const { origin } = await open();
  const before = seen.length;
  const call = { ...provenRequest("GET", "/admin", {}), bodyHash: streamed };
  const proof = signCall("gateway", serviceKey, systemClock.now().getTime(), call);
  assert.equal((await fetch(`${origin}/admin`, { headers: { [proofHeader]: proof } })).status, 404);
  assert.equal(seen.length, before);
});

test("a gateway that is away is 503 with Retry-After: words for people, a problem for programs", async () => {
  const { origin } = await open("http://127.0.0.1:1");
  const program = await fetch(`${origin}/api/orders`, { method: "POST", body: "{}" });
  assert.deepEqual([program.status, program.headers.get("retry-after")], [503, "1"]);
  assert.equal(((await program.json()) as { code: string }).code, "NEIGHBOUR_UNAVAILABLE");
  const person = await fetch(`${origin}/admin`, { headers: { accept: "text/html" } });
  assert.equal(person.headers.get("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
  assert.match(await person.text(), /<h1>One moment, please<\/h1>/);
});

test("streams of events pass, and end when the storefront drains", async () => {
  const { app, origin } = await open();
  const stream = await fetch(`${origin}/admin/live/orders`, { headers: { accept: "text/event-stream" } });
  const ending = stream.text().then(assert.fail, () => "cut off");
  const startedMs = systemClock.monotonicMs();
  await app.close();
  assert.equal(await ending, "cut off");
  assert.ok(systemClock.monotonicMs() - startedMs < 5_000);
});

test("who buys goes first here as at the gateway", () => {
  const of = (url: string) => precedenceOfPath({ url });
  assert.deepEqual(["/api/orders", "/api/checkout/quote", "/api/payments/callbacks"].map(of), [
    "first",
    "first",
    "first",
  ]);
  assert.deepEqual(["/api/cart/me", "/api/users/login", "/api/products?x=/api/orders"].map(of), [
    "second",
    "second",
    "last",
  ]);
  assert.deepEqual(["/admin/orders", "/docs", "/nothing"].map(of), ["always", "always", "last"]);
});
