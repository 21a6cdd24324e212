import assert from "node:assert/strict";
import { after, test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { RequestLimit } from "#platform/kit/rate-limit.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import { startTestRedis, type TestRedis } from "#platform/testing/redis.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { RedisUrl } from "./redis-url.ts";
import { openSharedStore, type SharedStore } from "./replica-store.ts";

const skip = skipWithout("redis-server", "redis-cli");

async function open(server: TestRedis): Promise<SharedStore> {
  const url = new RedisUrl(server.url);
  const store = await openSharedStore({ url, connections: 2, clock: systemClock, log: silentLog });
  after(async () => await store.close());
  return store;
}
const limitOf = (perMinute: number, store: SharedStore) =>
  new RequestLimit(systemClock, perMinute, { store, name: "test" });
const taken = async (limits: readonly RequestLimit[], key: string, tries: number) => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: tries }, async (_, index) => await limits[index % limits.length]?.take(key)),
  );
  return outcomes.filter(({ status }) => status === "fulfilled").length;
};

test("replicas together let in what one alone would", { skip }, async () => {
  const server = await startTestRedis();
  const replicas = [limitOf(10, await open(server)), limitOf(10, await open(server))];
  // A minute that turns meanwhile gives a part of it back.
  const count = await taken(replicas, "a", 40);
  assert.ok(count >= 10 && count <= 11, String(count));
  assert.ok((await taken(replicas, "b", 8)) === 8);
  assert.match(server.ask("KEYS", "*"), /^stoa:limit:test:\S{22}$/m);
  assert.doesNotMatch(server.ask("KEYS", "*"), /:a$/m);
  const seconds = Number(server.ask("TTL", server.ask("KEYS", "*").split("\n")[0] ?? ""));
  assert.ok(seconds > 0 && seconds <= 120);
});

test(
  "where the store is away, full or hangs, each process counts for itself and nobody waits",
  { skip },
  async () => {
    const server = await startTestRedis();
    const stores = [await open(server), await open(server)];
    const alone = async (key: string) => {
      const replicas = stores.map((store) => limitOf(5, store));
      const startMs = systemClock.monotonicMs();
      assert.equal(await taken(replicas, key, 30), 10);
      return systemClock.monotonicMs() - startMs;
    };
    server.ask("CONFIG", "SET", "maxmemory", "1");
    await alone("full");
    server.ask("CONFIG", "SET", "maxmemory", "0");
    server.hang();
    await alone("hanging");
    const waitedMs = await alone("still hanging");
    assert.ok(waitedMs < 40, `${waitedMs} ms`);
    server.goOn();
    await server.kill();
    await alone("away");
    await server.start();
    await eventually("they count together again", async () => {
      await stores[0]?.set("back", "yes", 60_000);
      return (await stores[1]?.get("back")) === "yes";
    });
  },
);

test(
  "a value is there for all until its time is over, and what is too large is not kept",
  { skip },
  async () => {
    const server = await startTestRedis();
    const [one, other] = [await open(server), await open(server)];
    assert.equal(await one.get("k"), undefined);
    await one.set("k", "v", 60_000);
    assert.equal(await other.get("k"), "v");
    assert.deepEqual(
      [await one.setIfAbsent("n", "1", 60_000), await other.setIfAbsent("n", "2", 60_000)],
      [true, false],
    );
    assert.equal(await other.get("n"), "1");
    await one.set("brief", "v", 1);
    await eventually("it is over", async () => (await other.get("brief")) === undefined);
    await one.set("large", "x".repeat(65_537), 60_000);
    assert.equal(await other.get("large"), undefined);
  },
);
