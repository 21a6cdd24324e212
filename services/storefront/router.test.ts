// The storefront alone: what shoppers see while the API is away or answers strangely, over real sockets.
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { after, test } from "node:test";
import { bodyHash, signCall, streamed, verifyCall } from "#platform/auth/service-proof.ts";
import { provenRequest } from "#platform/http/sender.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import { createHttpServer, type HttpApp } from "#platform/http/server.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { openServices } from "#platform/kit/run.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { testShop } from "#platform/testing/services.ts";
import { storefront } from "./service.ts";
import { fixedFlags } from "#platform/kit/flags.ts";

const serviceKey = "a-key-that-only-tests-know-0123456789";

async function openAlone(
  apiUrl: string,
  environment: Environment = {},
  url = "http://localhost:3000",
): Promise<HttpApp> {
  const running = await openServices({
    services: [storefront],
    order: ["storefront"],
    environment,
    config: readConfig(PlatformConfig, { LOG_LEVEL: "silent" }),
    home: () => Promise.reject(new Error("The storefront has no database.")),
    shop: testShop({
      isEmbedded: false,
      url,
      apiUrl: () => apiUrl,
      serviceKey,
      rateLimits: false,
      health: () => Promise.resolve([]),
    }),
    flags: fixedFlags(() => false),
    clock: systemClock,
    log: silentLog,
  });
  const app = createHttpServer({ service: "storefront", log: silentLog });
  for (const { parts } of running.services) await parts.http?.(app);
  after(async () => {
    await app.close();
    await running.close();
  });
  return app;
}

/** An HTTP server in the API's place; returns its address. */
async function standIn(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", () => listening.resolve());
  await listening.promise;
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

const closedPort = "http://127.0.0.1:1";

test("while the API is away pages are 503 with Retry-After and a number to ask about, and the probe stays green", async () => {
  const app = await openAlone(closedPort);
  for (const url of ["/", "/product/mug", "/category/kitchen", "/search?q=mug"]) {
    const page = await app.inject({ url });
    assert.equal(page.statusCode, 503, url);
    assert.equal(page.headers["retry-after"], "5");
    assert.ok(page.body.includes(String(page.headers["x-request-id"])));
  }
  assert.equal((await app.inject({ url: "/_healthz" })).body, "ok");
  assert.equal((await app.inject({ url: "/account/login" })).statusCode, 200);
  assert.equal((await app.inject({ url: "/nothing" })).statusCode, 404);
});

test("an API that answers nonsense is an error page that tells nothing of it", async () => {
  const apiUrl = await standIn((_req, res) => res.end("<html>secret stack at /srv/shop.ts:12</html>"));
  const page = await (await openAlone(apiUrl)).inject({ url: "/" });
  assert.equal(page.statusCode, 500);
  assert.doesNotMatch(page.body, /secret|shop\.ts/);
});

test("an API that never answers does not keep the page waiting for ever", async () => {
  const app = await openAlone(await standIn(() => undefined));
  assert.equal((await app.inject({ url: "/product/mug" })).statusCode, 503);
});

test("every call proves who calls and names the shopper's address", async () => {
  const seen: { proof: string; address: string; call: ReturnType<typeof provenRequest> }[] = [];
  const apiUrl = await standIn((req, res) => {
    seen.push({
      proof: String(req.headers["x-stoa-service"]),
      address: String(req.headers["x-stoa-client-address"]),
      call: provenRequest(req.method ?? "", req.url ?? "", req.headers),
    });
    res.end('{"items":[],"nextCursor":null,"total":0}');
  });
  const headers = { "x-forwarded-for": "203.0.113.9, 198.51.100.7" };
  const direct = await openAlone(apiUrl);
  await direct.inject({ url: "/", headers, remoteAddress: "192.0.2.1" });
  const proxied = await openAlone(apiUrl, { TRUSTED_PROXIES: "192.0.2.0/24" });
  await proxied.inject({ url: "/", headers, remoteAddress: "192.0.2.1" });
  await proxied.inject({ url: "/", headers: { "x-forwarded-for": "nonsense" }, remoteAddress: "192.0.2.1" });
  const nowMs = systemClock.now().getTime();
  const proven = { service: "storefront", bodyHash: bodyHash() };
  for (const { proof, call } of seen) assert.deepEqual(verifyCall(proof, serviceKey, nowMs, call), proven);
  const addresses = [...new Set(seen.map(({ address }) => address))];
  assert.deepEqual(addresses, ["192.0.2.1", "198.51.100.7"]);
});

test("cookies are Secure whenever the visitor came over https: by the proxy's word, the gateway's, or the shop's own address", async () => {
  const address = "192.0.2.1";
  const secureOf = async (app: HttpApp, headers: Record<string, string>) => {
    const { headers: answered } = await app.inject({
      url: "/account/login",
      headers,
      remoteAddress: address,
    });
    const lines = [answered["set-cookie"] ?? []].flat();
    assert.ok(lines.length > 0);
    for (const line of lines) assert.match(line, /; Path=\/; HttpOnly; SameSite=Lax/);
    return lines.every((line) => line.endsWith("; Secure"));
  };
  const https = { "x-forwarded-proto": "https", "x-stoa-client-scheme": "https" };
  const alone = await openAlone(closedPort);
  assert.equal(await secureOf(alone, {}), false);
  assert.equal(await secureOf(alone, https), false, "anybody could say so");
  assert.equal(await secureOf(await openAlone(closedPort, { TRUSTED_PROXIES: address }), https), true);
  assert.equal(await secureOf(await openAlone(closedPort, {}, "https://shop.example"), {}), true);
  const said = { "x-stoa-client-scheme": "https" };
  const call = { ...provenRequest("GET", "/account/login", said), bodyHash: streamed };
  const proof = signCall("gateway", serviceKey, systemClock.now().getTime(), call);
  assert.equal(await secureOf(alone, { ...said, "x-stoa-service": proof }), true);
});
