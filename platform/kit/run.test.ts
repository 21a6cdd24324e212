import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { it } from "node:test";
import { Agent, request } from "undici";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { CurrencyService } from "#gen/stoa/currency/v1/currency_pb.js";
import { systemClock } from "./clock.ts";
import { ConfigError, readConfig, setting, type Settings } from "./config.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { addressOf } from "./addresses.ts";
import { openServices, type RunOptions } from "./run.ts";
import { defineShop } from "./shop-file.ts";
import { defineService, type AnyService, type Kit, type Needs, type ServiceParts } from "./service.ts";
import { PlatformConfig } from "./settings.ts";
import { openShop, type ShopOptions } from "./program.ts";
import { HttpPool } from "#platform/http/http-pool.ts";
import { testFolder } from "#platform/testing/certificates.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { openOtlpReceiver } from "#platform/testing/otlp-receiver.ts";
import { testShop } from "#platform/testing/services.ts";
import { fixedFlags } from "./flags.ts";

const needs = { ad: AdService };

function service(name: string, parts: ServiceParts = {}, more: Partial<AnyService> = {}): AnyService {
  return { ...defineService({ name, config: {}, needs: {}, create: () => parts }), ...more };
}

/** A service named ad that answers its contract. */
const ad = service("ad", {
  rpc: [
    bindRpcs(AdService, undefined, {
      getAds: () => Promise.resolve({ ads: [{ id: "1" }] }),
      recordClick: () => Promise.resolve({ redirectUrl: "/" }),
    }),
  ],
});

const config = readConfig(PlatformConfig, { LOG_LEVEL: "silent", DRAIN_SECONDS: "1" });

function options(services: readonly AnyService[], more: Partial<ShopOptions> = {}): ShopOptions {
  const entries = services.map((one) => ({ name: one.name, load: () => Promise.resolve(one) }));
  return {
    file: defineShop({ services: entries }),
    environment: {},
    config,
    home: async ({ name }) => await testDatabaseUrl(name),
    isEmbedded: true,
    serviceKey: "a-key-that-only-tests-know-0123456789",
    host: "127.0.0.1",
    httpPort: undefined,
    operationsPort: undefined,
    grpcPort: 0,
    clock: systemClock,
    log: silentLog,
    ...more,
  };
}

function open(services: readonly AnyService[], more: Partial<RunOptions> = {}) {
  return openServices({
    services,
    order: services.map(({ name }) => name),
    environment: {},
    config,
    home: async ({ name }) => await testDatabaseUrl(name),
    shop: testShop(),
    flags: fixedFlags(() => true),
    clock: systemClock,
    log: silentLog,
    ...more,
  });
}

const wrong: [string, AnyService[], RegExp][] = [
  [
    "a service that needs a later one",
    [service("cart", {}, { needs }), ad],
    /The cart service needs ad, which comes after it in the list of services/,
  ],
  [
    "a service that needs itself",
    [service("ad", {}, { needs })],
    /The ad service needs ad, which comes after it/,
  ],
  [
    "a service that needs an unknown one",
    [service("cart", {}, { needs: { currency: CurrencyService } })],
    /The cart service needs currency, which does not exist/,
  ],
];

it("an extension cannot make a service call one that comes after it", async () => {
  const extensions = [{ name: "wishes", needs: { cart: needs } }];
  const opening = open([service("cart"), ad], { extensions });
  await assert.rejects(opening, /The cart service needs ad, which comes after it/);
});

for (const [what, services, message] of wrong) {
  it(`${what} is refused by name, before anything opens`, async () => {
    const spied = services.map((definition) => ({
      ...definition,
      create: () => assert.fail("It must not open."),
    }));
    await assert.rejects(open(spied), message);
  });
}

it("a service elsewhere without an address is refused with the name of the setting", async () => {
  const cart = service("cart", {}, { needs });
  await assert.rejects(
    open([cart], { order: ["ad", "cart"] }),
    /The cart service calls ad, but AD_URL is not set\. Set it to host:port of the ad service\./,
  );
});

it("the own name of an address comes before the names that other charts use", () => {
  const chart = { AD_SERVICE_ADDR: "chart:1", AD_SERVICE: "old:1" };
  assert.equal(addressOf("ad", { ...chart, AD_URL: "own:1" }), "own:1");
  assert.equal(addressOf("ad", { ...chart, AD_URL: "" }), "chart:1");
  assert.equal(addressOf("ad", { AD_SERVICE: "old:1" }), "old:1");
  assert.equal(addressOf("ad", {}), undefined);
});

it("services reach each other, whatever the transport", async () => {
  const running = await open([ad, service("cart", {}, { needs })]);
  const { ads } = await running.client(AdService, "ad", "cart").getAds({});
  assert.equal(ads[0]?.id, "1");
  await running.close();
});

it("bad settings of a service are refused with all their faults, and what was open is closed", async () => {
  const closed: string[] = [];
  const first = service("first", { close: () => Promise.resolve(void closed.push("first")) });
  const shelf = {
    SHELF_COUNT: setting.integer({ doc: "How many." }),
    SHELF_NAME: setting.text({ doc: "Which." }),
  };
  await assert.rejects(
    open([first, service("shelf", {}, { config: shelf })]),
    (error: unknown) => error instanceof ConfigError && error.faults.length === 2,
  );
  assert.deepEqual(closed, ["first"]);
});

it("closing goes in reverse order, after the jobs, and past a service that fails to close", async () => {
  const closed: string[] = [];
  const closing = (name: string) => () => Promise.resolve(void closed.push(name));
  const job = {
    name: "work",
    everyMs: 60_000,
    isExclusive: false,
    run: (signal: AbortSignal) =>
      new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => {
          closed.push("job");
          resolve();
        }),
      ),
  };
  const running = await open([
    service("one", { close: closing("one"), jobs: [job] }),
    service("two", { close: () => Promise.reject(new Error("stuck")) }),
    service("three", { close: closing("three") }),
  ]);
  running.startWork();
  await running.close();
  assert.deepEqual(closed, ["job", "three", "one"]);
});

it("a job that ignores its signal delays the end by the time for draining, no longer", async () => {
  const deaf = {
    name: "deaf",
    everyMs: 1,
    isExclusive: false,
    run: () => new Promise<void>(() => undefined),
  };
  const running = await open([service("one", { jobs: [deaf] })]);
  running.startWork();
  const startedMs = systemClock.monotonicMs();
  await running.close();
  const tookMs = systemClock.monotonicMs() - startedMs;
  assert.ok(tookMs > 900 && tookMs < 3_000, `took ${tookMs} ms`);
});

async function statusOf(port: number | undefined, path: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).status;
}

it("health answers from the start, readiness only once the seed is done and only until the drain", async () => {
  const seen: number[] = [];
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const operationsPort = (probe.address() as AddressInfo).port;
  await new Promise((resolve) => probe.close(resolve));
  const look = async () => {
    seen.push(await statusOf(operationsPort, "/health"), await statusOf(operationsPort, "/ready"));
  };
  const slow = service("slow", { seed: look, close: look });
  const creating = { ...slow, create: async () => (await look(), { seed: look, close: look }) };
  const shop = await openShop(options([creating], { operationsPort, isEmbedded: false }));
  await look();
  await shop.close();
  assert.deepEqual(seen, [200, 503, 200, 503, 200, 200, 200, 503], "creating, seeding, ready, closing");
  await assert.rejects(statusOf(operationsPort, "/health"), "the port is closed at last");
});

it("with HTTP_TLS the shop is reached over https only and reaches itself; a service that could not be encrypted does not open", async () => {
  const told = { HTTP_TLS: "self-made", STOA_DATA: testFolder().path("data"), LOG_LEVEL: "silent" };
  const over = { config: readConfig(PlatformConfig, told), httpPort: 0 };
  const pages: AnyService = {
    ...service("pages", {}, { http: { port: 0, operationsPort: 0 } }),
    create: ({ shop: { apiUrl, httpTls, url } }: Kit<Settings, Needs>) => ({
      http: (app) => {
        app.get("/", async () => {
          const pool = new HttpPool({ url: apiUrl(), tls: httpTls, connectionsMax: 1 });
          const { statusCode } = await pool.request({ method: "GET", path: "/inside" });
          pool.close();
          return { statusCode, scheme: new URL(url).protocol };
        });
        app.get("/inside", (_request, reply) => reply.send({}));
      },
    }),
  };
  const shop = await openShop(options([pages], over));
  const ca = readFileSync(`${told.STOA_DATA}/tls/self-made.pem`, "utf8");
  const dispatcher = new Agent({ connect: { ca } });
  const { body } = await request(`https://localhost:${shop.httpPort}/`, { dispatcher });
  assert.deepEqual(await body.json(), { statusCode: 200, scheme: "https:" });
  assert.equal(await statusOf(shop.httpPort, "/"), 400);
  await dispatcher.destroy();
  await shop.close();
  const bare = service("bare", { http: (app) => void app.get("/", () => "open") });
  await assert.rejects(
    openShop(options([bare], { ...over, isEmbedded: false })),
    /^StartError: The bare service answers HTTP, but its definition names no ports/,
  );
});

it("a service that fails to seed closes what was open and frees the ports", async () => {
  const closed: string[] = [];
  const broken = service("broken", {
    seed: () => Promise.reject(new Error("no seed")),
    close: () => Promise.resolve(void closed.push("broken")),
  });
  await assert.rejects(openShop(options([broken])), /no seed/);
  assert.deepEqual(closed, ["broken"]);
});

it("closing twice closes once", async () => {
  let closes = 0;
  const shop = await openShop(
    options([service("one", { close: () => Promise.resolve(void (closes += 1)) })]),
  );
  await Promise.all([shop.close(), shop.close()]);
  await shop.close();
  assert.equal(closes, 1);
});

it("with a collector configured, the spans of the last calls arrive before the shop is closed", async () => {
  const collector = await openOtlpReceiver();
  const collecting = { LOG_LEVEL: "silent", OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint };
  const shop = await openShop(options([ad], { config: readConfig(PlatformConfig, collecting) }));
  await shop.running.client(AdService, "ad", "web").getAds({});
  await shop.close();
  assert.match(collector.spans.map(({ name }) => name).join(), /AdService\/GetAds/);
});
