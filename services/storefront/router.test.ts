// The storefront alone: what shoppers see while the API is away or answers strangely, over real sockets.
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { after, test } from "node:test";
import { verifyServiceName } from "#platform/auth/service-proof.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import { createHttpServer, type HttpApp } from "#platform/http/server.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { openServices } from "#platform/kit/run.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { testShop } from "#platform/testing/services.ts";
import { storefront } from "./service.ts";

const serviceKey = "a-key-that-only-tests-know-0123456789";

async function openAlone(apiUrl: string, environment: Environment = {}): Promise<HttpApp> {
  const running = await openServices({
    services: [storefront],
    order: ["storefront"],
    environment,
    config: readConfig(PlatformConfig, { LOG_LEVEL: "silent" }),
    home: () => Promise.reject(new Error("The storefront has no database.")),
    shop: testShop({
      isEmbedded: false,
      apiUrl: () => apiUrl,
      serviceKey,
      rateLimits: false,
      health: () => Promise.resolve([]),
    }),
    flags: { isOn: () => Promise.resolve(false) },
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
  const seen: { proof: string; address: string }[] = [];
  const apiUrl = await standIn((req, res) => {
    seen.push({
      proof: String(req.headers["x-stoa-service"]),
      address: String(req.headers["x-stoa-client-address"]),
    });
    res.end('{"items":[],"nextCursor":null,"total":0}');
  });
  const headers = { "x-forwarded-for": "203.0.113.9, 198.51.100.7" };
  const direct = await openAlone(apiUrl);
  await direct.inject({ url: "/", headers, remoteAddress: "192.0.2.1" });
  const proxied = await openAlone(apiUrl, { STOREFRONT_TRUSTED_PROXIES: "1" });
  await proxied.inject({ url: "/", headers, remoteAddress: "192.0.2.1" });
  await proxied.inject({ url: "/", headers: { "x-forwarded-for": "nonsense" }, remoteAddress: "192.0.2.1" });
  const nowMs = systemClock.now().getTime();
  for (const { proof } of seen) assert.equal(verifyServiceName(proof, serviceKey, nowMs), "storefront");
  const addresses = [...new Set(seen.map(({ address }) => address))];
  assert.deepEqual(addresses, ["192.0.2.1", "198.51.100.7"]);
});
