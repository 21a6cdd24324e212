import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, it } from "node:test";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { migrate, platformMigrations, readMigrations } from "#platform/database/migrate.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { testShop } from "#platform/testing/services.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { systemClock } from "./clock.ts";
import { readConfig } from "./config.ts";
import { isReason } from "./errors.ts";
import { openShop } from "./program.ts";
import { openServices } from "./run.ts";
import { defineService, type AnyService } from "./service.ts";
import { PlatformConfig } from "./settings.ts";
import { defineShop } from "./shop-file.ts";
import { StartError } from "./start-error.ts";
import { fixedFlags } from "./flags.ts";

const config = readConfig(PlatformConfig, {
  LOG_LEVEL: "silent",
  DRAIN_SECONDS: "1",
  DATABASE_POOL_MAX: "2",
});

function keeping(name: string, migrations: URL | undefined): AnyService {
  const door = { ...defineService({ name, config: {}, needs: {}, create: () => ({}) }), database: name };
  return migrations ? { ...door, migrations } : door;
}

/** Opens services that keep something, on these databases, and closes them again. */
async function startIn(
  currency: string,
  databases: { readonly [service: string]: string },
  migrations?: URL,
): Promise<void> {
  const services = Object.keys(databases).map((name) => keeping(name, migrations));
  const running = await openServices({
    services,
    order: Object.keys(databases),
    environment: {},
    config,
    home: ({ name }) => Promise.resolve(databases[name] ?? assert.fail()),
    shop: testShop({ currency }),
    flags: fixedFlags(() => true),
    clock: systemClock,
    log: silentLog,
  });
  await running.close();
}

it("data made in one base currency is refused in another, with what to do, and again accepted in its own", async () => {
  const databases = { cart: await testDatabaseUrl("cart") };
  await startIn("USD", databases);
  await assert.rejects(
    startIn("EUR", databases),
    (error) =>
      error instanceof StartError &&
      /data of the cart service was made in a shop whose base currency is USD, but SHOP_CURRENCY is EUR/.test(
        error.message,
      ) &&
      /set SHOP_CURRENCY=USD/.test(error.message),
  );
  await startIn("USD", databases);
});

it("a refused start leaves no trace in databases that are new", async () => {
  const old = { order: await testDatabaseUrl("order") };
  await startIn("USD", old);
  const databases = { cart: await testDatabaseUrl("cart"), ...old };
  await assert.rejects(startIn("EUR", databases), /data of the order service/);
  await startIn("USD", databases);
});

it("a database from before the base currency was remembered belongs to a shop in dollars; a new one to whoever comes first", async () => {
  const url = await testDatabaseUrl("cart");
  const ofTheKit = await readMigrations("platform", platformMigrations);
  const sql = "create table carts (id int)";
  const folder = await mkdtemp(join(tmpdir(), "stoa-migrations-"));
  after(async () => await rm(folder, { recursive: true }));
  await writeFile(join(folder, "0001-create.sql"), sql);
  const migrations = pathToFileURL(`${folder}/`);
  const [own] = await readMigrations("cart", migrations);
  assert.ok(own);
  const before = ofTheKit.findIndex(({ name }) => name === "remember-facts");
  await migrate(url, [...ofTheKit.slice(0, before), own]);
  await assert.rejects(
    startIn("EUR", { cart: url }, migrations),
    /base currency is USD, but SHOP_CURRENCY is EUR/,
  );
  await startIn("USD", { cart: url }, migrations);
  await startIn("EUR", { cart: await testDatabaseUrl("cart") }, migrations);
});

const ad = defineService({
  name: "ad",
  config: {},
  needs: {},
  create: () => ({
    rpc: [
      bindRpcs(AdService, undefined, {
        getAds: () => Promise.resolve({ ads: [{ id: "1" }] }),
        recordClick: () => Promise.resolve({ redirectUrl: "/" }),
      }),
    ],
  }),
});
const cart = defineService({ name: "cart", config: {}, needs: { ad: AdService }, create: () => ({}) });
const services = [ad, cart] as unknown as AnyService[];
const file = defineShop({
  services: services.map((one) => ({ name: one.name, load: () => Promise.resolve(one) })),
});

/** One process of a shop of two. */
async function openAlone(name: string, environment: Record<string, string>, grpcPort = 0) {
  return await openShop({
    file,
    only: [name],
    environment,
    config,
    home: () => assert.fail("None of them has a database."),
    isEmbedded: false,
    serviceKey: "a-key-that-only-tests-know-0123456789",
    host: "127.0.0.1",
    httpPort: undefined,
    operationsPort: undefined,
    grpcPort,
    clock: systemClock,
    log: silentLog,
  });
}

/** Closed again at once, in case it does start. */
async function startAlone(name: string, environment: Record<string, string>): Promise<void> {
  await (await openAlone(name, environment)).close();
}

it("a process that disagrees with one it calls does not start, and says who says what", async (t) => {
  const first = await openAlone("ad", { SHOP_CURRENCY: "EUR" });
  t.after(() => first.close());
  const AD_URL = `127.0.0.1:${first.grpcPort}`;
  await assert.rejects(
    startAlone("cart", { AD_URL, SHOP_CURRENCY: "USD" }),
    (error) =>
      error instanceof StartError &&
      /The ad service has the base currency EUR, but the cart service, which calls it, has USD/.test(
        error.message,
      ),
  );
  const second = await openAlone("cart", { AD_URL, SHOP_CURRENCY: "EUR" });
  t.after(() => second.close());
  const { ads } = await second.running.client(AdService, "ad", "cart").getAds({});
  assert.equal(ads.length, 1);
});

it("where the other comes up later, every call between them is refused with both names and currencies", async (t) => {
  const before = await openAlone("ad", {});
  const AD_URL = `127.0.0.1:${before.grpcPort}`;
  await before.close();
  const caller = await openAlone("cart", { AD_URL, SHOP_CURRENCY: "USD" });
  t.after(() => caller.close());
  const late = await openAlone("ad", { SHOP_CURRENCY: "EUR" }, before.grpcPort);
  t.after(() => late.close());
  const client = caller.running.client(AdService, "ad", "cart");
  let refused: unknown;
  await eventually("the two are connected", async () => {
    refused = await client.getAds({}).then(
      () => assert.fail("It was answered."),
      (error: unknown) => error,
    );
    return !isReason(refused, "NEIGHBOUR_UNAVAILABLE");
  });
  assert.ok(isReason(refused, "SHOP_DISAGREES"));
  assert.match(String(refused), /currency of the ad service is EUR, but that of its caller is USD/);
});
