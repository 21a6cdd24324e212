import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { it, type TestContext } from "node:test";
import { Client as GrpcChannel, credentials } from "@grpc/grpc-js";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { CurrencyService } from "#gen/stoa/currency/v1/currency_pb.js";
import { DatabaseWatch } from "#platform/database/database-watch.ts";
import { openDatabase } from "#platform/database/db.ts";
import { platformMigrations, readMigrations } from "#platform/database/migrate.ts";
import { openHealthProbe } from "#platform/rpc/grpc-health.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import {
  endTestDatabase,
  processesOfTestDatabase,
  reviveTestDatabase,
  testDatabaseUrl,
} from "#platform/testing/databases.ts";
import { eventually, TestClock } from "#platform/testing/test-clock.ts";
import { systemClock } from "./clock.ts";
import { readConfig } from "./config.ts";
import { freePorts } from "./free-ports.ts";
import { openShop, type ShopOptions } from "./program.ts";
import { defineService, type AnyService, type ServiceParts } from "./service.ts";
import { PlatformConfig } from "./settings.ts";
import { defineShop } from "./shop-file.ts";

const config = readConfig(PlatformConfig, { LOG_LEVEL: "silent", DRAIN_SECONDS: "1" });
const rpc = [
  bindRpcs(AdService, undefined, {
    getAds: () => Promise.resolve({ ads: [] }),
    recordClick: () => Promise.resolve({ redirectUrl: "/" }),
  }),
];

const otherRpc = [
  bindRpcs(CurrencyService, undefined, {
    getSupportedCurrencies: () => Promise.resolve({ currencyCodes: [] }),
  } as never),
];
const platform = await readMigrations("platform", platformMigrations);

function service(name: string, parts: ServiceParts = {}): AnyService {
  return defineService({ name, database: `${name}_db`, config: {}, needs: {}, create: () => parts });
}

/** A process of these services, each on a database of its own; ended when the test is. */
async function openProcess(t: TestContext, services: readonly AnyService[], more: Partial<ShopOptions> = {}) {
  const urls = new Map<string, string>();
  const [operationsPort = 0] = await freePorts(1);
  const shop = await openShop({
    file: defineShop({
      services: services.map((one) => ({ name: one.name, load: () => Promise.resolve(one) })),
    }),
    environment: {},
    config,
    home: async ({ name }) => {
      const url = await testDatabaseUrl(name);
      urls.set(name, url);
      return url;
    },
    isEmbedded: false,
    serviceKey: "a-key-that-only-tests-know-0123456789",
    host: "127.0.0.1",
    httpPort: undefined,
    operationsPort,
    grpcPort: 0,
    clock: systemClock,
    log: silentLog,
    ...more,
  });
  const probe = openHealthProbe(`127.0.0.1:${shop.grpcPort}`, systemClock);
  t.after(async () => {
    probe.close();
    await shop.close();
  });
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${operationsPort}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  return {
    shop,
    ready: async () => await ask("/ready"),
    isReady: async () => (await ask("/ready")).status === 200,
    isAlive: async () => (await ask("/health")).status === 200,
    isServing: async () => await probe.isServing(1_000),
    health: async (name: string) =>
      (await shop.running.health()).find(({ service: one }) => one === name) ?? assert.fail(name),
    url: (name: string) => urls.get(name) ?? assert.fail(name),
  };
}

it("a service whose database is dead says so on /ready, over gRPC and in its health, stays alive, and comes back by itself", async (t) => {
  const one = await openProcess(t, [service("ad", { rpc })]);
  assert.deepEqual([await one.isReady(), await one.isServing()], [true, true]);
  await endTestDatabase(one.url("ad"));
  await eventually("it is not ready", async () => !(await one.isReady()));
  assert.deepEqual(JSON.parse((await one.ready()).text), {
    status: "not ready",
    lacks: [{ service: "ad", lacks: ["Its database cannot be reached."] }],
  });
  assert.equal(await one.isServing(), false);
  assert.equal((await one.health("ad")).status, "down");
  assert.equal(await one.isAlive(), true);
  await reviveTestDatabase(one.url("ad"));
  await eventually("it is ready again", one.isReady);
  assert.equal(await one.isServing(), true);
  assert.equal((await one.health("ad")).status, "up");
});

it("in a process of many services each has its own health, and the process is ready as long as one of them can serve", async (t) => {
  const many = await openProcess(t, [service("ad", { rpc }), service("other", { rpc: otherRpc })], {
    isEmbedded: true,
  });
  const contract = async (name: string) => await checkOf(many.shop.grpcPort, name);
  await endTestDatabase(many.url("ad"));
  await eventually("ad is down", async () => (await many.health("ad")).status === "down");
  assert.equal((await many.health("other")).status, "up");
  assert.deepEqual(
    [await contract("stoa.ad.v1.AdService"), await contract("stoa.currency.v1.CurrencyService")],
    ["NOT_SERVING", "SERVING"],
  );
  assert.deepEqual([await contract(""), await many.isReady()], ["SERVING", true]);
  assert.match((await many.ready()).text, /"lacks":\[\{"service":"ad"/);
  await endTestDatabase(many.url("other"));
  await eventually("nothing of it can serve", async () => !(await many.isReady()));
  assert.equal(await contract(""), "NOT_SERVING");
});

it("a database without the migrations of this release makes a service unready, one with those of a later release does not", async (t) => {
  const one = await openProcess(t, [service("ad", { rpc })]);
  const db = one.shop.running.services[0]?.db ?? assert.fail("it has a database");
  await db.run(
    "insert into schema_migrations (scope, number, name, checksum, is_breaking) values ('ad', 1, 'later', '', false)",
  );
  assert.equal((await new DatabaseWatch(db, platform, systemClock).look()).lacks.length, 0);
  await db.run("update schema_migrations set is_breaking = true where scope = 'ad'");
  const broken = await new DatabaseWatch(db, platform, systemClock).look();
  assert.deepEqual([broken.isDown, /ad\/1/.test(broken.lacks.join())], [false, true]);
  await db.run("delete from schema_migrations where scope = 'platform' and number = 5");
  const missing = await new DatabaseWatch(db, platform, systemClock).look();
  assert.deepEqual([missing.isDown, /platform\/5/.test(missing.lacks.join())], [true, true]);
  // A restored backup is another database: the connections to the old one are gone.
  await endTestDatabase(one.url("ad"));
  await eventually("the database is gone", async () => !(await one.isReady()));
  await reviveTestDatabase(one.url("ad"));
  await eventually("the old state is seen", async () => /platform\/5/.test((await one.ready()).text));
  assert.equal(await one.isReady(), false);
});

it("a database that is slow leaves its service ready, one that stays silent does not", async (t) => {
  const clock = new TestClock();
  const url = await testDatabaseUrl("slow");
  const db = openDatabase({ url, name: "slow", connectionsMax: 1, clock, log: silentLog });
  const watch = new DatabaseWatch(db, [], clock);
  t.after(async () => await db.close());
  await db.run("select 1");
  const pids = await processesOfTestDatabase(url);
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  const lookAfter = async (ms: number) => {
    const look = watch.look();
    clock.advance(ms);
    return await look;
  };
  const slow = await lookAfter(2_000);
  assert.deepEqual(slow, { lacks: ["Its database has not answered for 2 s."], isDown: false });
  const silent = await lookAfter(3_500);
  assert.deepEqual(silent, { lacks: ["Its database has not answered for 6 s."], isDown: true });
  for (const pid of pids) process.kill(pid, "SIGCONT");
  await eventually("it answers again", async () => (await watch.look()).lacks.length === 0);
});

it("a service is ready when its needed checks are well; what it can do without degrades it", async (t) => {
  const well = { store: true, limits: true };
  const checks = [
    { name: "the cart store", isWell: () => Promise.resolve(well.store) },
    {
      name: "shared limits",
      isNeeded: false,
      isWell: () => (well.limits ? Promise.resolve(true) : Promise.reject(new Error("gone"))),
    },
  ];
  const one = await openProcess(t, [service("ad", { rpc, checks })]);
  assert.equal((await one.health("ad")).status, "up");
  well.limits = false;
  await eventually("it is degraded", async () => (await one.health("ad")).status === "degraded");
  assert.deepEqual((await one.health("ad")).lacks, ["It has to do without shared limits."]);
  assert.equal(await one.isReady(), true);
  well.store = false;
  await eventually("it is not ready", async () => !(await one.isReady()));
  well.store = true;
  await eventually("it is ready again", one.isReady);
});

it("a neighbour is seen as it says it is; one that hangs costs whoever asks no second, and none of the readiness", async (t) => {
  const ad = await openProcess(t, [service("ad", { rpc })]);
  const hole = createServer((socket) => socket.unref().on("error", () => socket.destroy()));
  hole.listen(0, "127.0.0.1");
  await once(hole, "listening");
  t.after(() => hole.close());
  const { port } = hole.address() as AddressInfo;
  const edge: AnyService = defineService({
    name: "edge",
    config: {},
    needs: { ad: AdService, currency: CurrencyService },
    create: () => ({}),
  });
  const list = [service("ad"), service("currency"), edge];
  const gateway = await openProcess(t, list, {
    only: ["edge"],
    environment: { AD_URL: `127.0.0.1:${ad.shop.grpcPort}`, CURRENCY_URL: `127.0.0.1:${port}` },
  });
  const startedMs = systemClock.monotonicMs();
  const states = await gateway.shop.running.health();
  assert.ok(systemClock.monotonicMs() - startedMs < 1_000, "it answers within a second");
  assert.deepEqual(
    states.map(({ service: name, status }) => [name, status]),
    [
      ["edge", "up"],
      ["ad", "up"],
      ["currency", "down"],
    ],
  );
  await endTestDatabase(ad.url("ad"));
  await eventually("ad is seen as down", async () => (await gateway.health("ad")).status === "down");
  assert.deepEqual((await gateway.health("ad")).lacks, ["Its database cannot be reached."]);
  assert.equal(await gateway.isReady(), true);
});

async function checkOf(port: number, contract: string): Promise<string> {
  const channel = new GrpcChannel(`127.0.0.1:${port}`, credentials.createInsecure());
  const request = Buffer.from(`\x0a${String.fromCharCode(contract.length)}${contract}`);
  const path = "/grpc.health.v1.Health/Check";
  const asBytes = (bytes: Buffer) => bytes;
  try {
    return await new Promise((resolve, reject) => {
      channel.makeUnaryRequest(path, asBytes, asBytes, request, (error, answer) => {
        if (error) reject(error);
        else resolve(answer?.[1] === 1 ? "SERVING" : "NOT_SERVING");
      });
    });
  } finally {
    channel.close();
  }
}
