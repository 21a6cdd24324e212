import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { openRedis, type Redis } from "#platform/redis/redis.ts";
import { RedisUrl } from "#platform/redis/redis-url.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import { startTestRedis, type TestRedis } from "#platform/testing/redis.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import type { CartStore } from "./carts.ts";
import { moveRemaining } from "./move.ts";
import { MovingCarts } from "./moving-store.ts";
import { RedisCarts } from "./redis-store.ts";
import { cart } from "./service.ts";
import { warnOfSetup } from "./store-setup.ts";
import { StoreMark } from "./store-mark.ts";
import { PostgresCarts } from "./store.ts";

const skip = skipWithout("redis-server", "redis-cli");
const lifeMs = 7 * 24 * 3_600_000;
const times = () => {
  const now = systemClock.now();
  return { now, expiresAt: new Date(now.getTime() + lifeMs) };
};
const item = (quantity = 1, variantId = newRandomId()) => ({ productId: variantId, variantId, quantity });
const countOf = (cart: { readonly items: readonly { readonly quantity: number }[] } | undefined) =>
  (cart?.items ?? []).reduce((sum, { quantity }) => sum + quantity, 0);
const opened: Redis[] = [];
const open = async (server: TestRedis, timeoutMs = 300) => {
  const redis = await openRedis({
    url: new RedisUrl(server.url),
    name: "stoa-test",
    connections: 2,
    timeoutMs,
    clock: systemClock,
    log: silentLog,
  });
  opened.push(redis);
  return redis;
};
const reasonOf = async (work: Promise<unknown>) =>
  await work.then(
    () => "done",
    (error: { reason?: string; retryAfterSeconds?: number }) =>
      (error.retryAfterSeconds ?? 0) > 0 ? error.reason : "no Retry-After",
  );
afterEach(async () => {
  setFailpoints(undefined);
  for (const redis of opened.splice(0)) await redis.close();
});

test("a full or read-only Redis is said in words, and carts can still be looked at", { skip }, async () => {
  const server = await startTestRedis();
  const store = new RedisCarts(await open(server));
  const userId = newId();
  await store.add(userId, item(2), times());
  const later = { now: times().now, expiresAt: new Date(times().expiresAt.getTime() + lifeMs) };
  const add = async () => await reasonOf(store.add(userId, item(), times()));
  server.ask("CONFIG", "SET", "maxmemory", "1");
  assert.equal(await add(), "CART_STORE_FULL");
  assert.equal(countOf(await store.touch(userId, later)), 2);
  server.ask("CONFIG", "SET", "maxmemory", "0");
  server.ask("REPLICAOF", "127.0.0.1", "1");
  await eventually("it takes no changes", async () => (await add()) === "CART_STORE_READ_ONLY");
  assert.equal(countOf(await store.find(userId, later)), 2);
  assert.equal(countOf(await store.touch(userId, later)), 2);
  server.ask("REPLICAOF", "NO", "ONE");
  await eventually("it takes changes again", async () => (await add()) === "done");
});

test(
  "one that hangs or is gone is said in words and in time, and is used again afterwards",
  { skip },
  async () => {
    const server = await startTestRedis({ settings: ["appendonly yes", "appendfsync always"] });
    const store = new RedisCarts(await open(server));
    const userId = newId();
    await store.add(userId, item(2), times());
    server.hang();
    const startMs = systemClock.monotonicMs();
    assert.equal(await reasonOf(store.find(userId, times())), "CART_STORE_SLOW");
    assert.ok(systemClock.monotonicMs() - startMs < 1_000);
    await server.kill();
    await eventually(
      "it is away",
      async () => (await reasonOf(store.find(userId, times()))) === "CART_STORE_UNAVAILABLE",
    );
    await server.start();
    await eventually(
      "it is used again",
      async () => (await reasonOf(store.find(userId, times()))) === "done",
    );
    assert.equal(countOf(await store.find(userId, times())), 2);
  },
);

test(
  "what stands under a cart's key and is another person's is shown to nobody and changed by nobody",
  { skip },
  async () => {
    const server = await startTestRedis();
    const store = new RedisCarts(await open(server));
    const [one, other] = [newId(), newId()];
    await store.add(one, item(2), times());
    server.ask("COPY", `cart:${one}`, `cart:${other}`);
    await assert.rejects(store.find(other, times()), /not theirs/);
    await assert.rejects(store.touch(other, times()), /not theirs/);
    await assert.rejects(store.add(other, item(), times()), /not theirs/);
    assert.equal(countOf(await store.find(one, times())), 2);
  },
);

test("the key, its JSON and its time to live are what others may rely on", { skip }, async () => {
  const server = await startTestRedis();
  const store = new RedisCarts(await open(server));
  const userId = newId();
  const { version } = await store.add(userId, item(2), times());
  const written = JSON.parse(server.ask("GET", `cart:${userId}`)) as {
    userId: string;
    version: number;
    items: object[];
  };
  assert.deepEqual([written.userId, BigInt(written.version), written.items.length], [userId, version, 1]);
  const seconds = Number(server.ask("TTL", `cart:${userId}`));
  assert.ok(seconds > lifeMs / 1000 - 10 && seconds <= lifeMs / 1000, String(seconds));
  assert.match(server.ask("GET", `cart:${userId}`), /"version":\d{15},/);
});

test(
  "an account with the rights that are asked for can do all that carts need, and is warned",
  { skip },
  async () => {
    const server = await startTestRedis();
    const rules = "on >of-the-shop ~cart:* ~stoa:* +@all -@dangerous +info".split(" ");
    server.ask("ACL", "SETUSER", "carts", ...rules);
    const url = new RedisUrl(server.url.replace("://", "://carts:of-the-shop@"));
    const options = { name: "stoa-test", connections: 1, timeoutMs: 300, clock: systemClock };
    const redis = await openRedis({ url, ...options, log: silentLog });
    opened.push(redis);
    const store = new RedisCarts(redis);
    const [one, other] = [newId(), newId()];
    await store.add(one, item(), times());
    await store.merge(one, other, times());
    await store.sweep(new Date(times().expiresAt.getTime() + 1), 10);
    const found: string[] = [];
    for await (const part of store.remaining()) found.push(...part);
    assert.deepEqual(found.sort(), [one, other].sort());
    const warnings: string[] = [];
    const warn = (_facts: object, text: string) => void warnings.push(text);
    const log = { ...silentLog, warn } as typeof silentLog;
    await warnOfSetup(redis, log);
    assert.match(warnings.join(), /no append-only file/);
    assert.doesNotMatch(warnings.join(), /noeviction/);
    server.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    await warnOfSetup(redis, log);
    assert.match(warnings.join(), /maxmemory-policy allkeys-lru/);
  },
);

test(
  "an emptied store is told from a new one, once, and its versions do not come back",
  { skip },
  async () => {
    const server = await startTestRedis();
    const db = await testDatabase(cart as unknown as AnyService);
    const redis = await open(server);
    const store = new RedisCarts(redis);
    const errors: string[] = [];
    const log = {
      ...silentLog,
      error: (_facts: object, text: string) => void errors.push(text),
    } as typeof silentLog;
    const mark = () => new StoreMark({ redis, db, clock: systemClock, log });
    const first = mark();
    assert.equal(await first.look(), undefined);
    assert.equal(await mark().look(), undefined);
    const userId = newId();
    const versions = new Set<bigint>();
    for (let index = 0; index < 50; index += 1)
      versions.add((await store.add(userId, item(), times())).version);
    server.ask("FLUSHALL");
    assert.equal(await store.find(userId, times()), undefined);
    const emptiedAt = await first.look();
    assert.ok(emptiedAt && systemClock.now().getTime() - emptiedAt.getTime() < 10_000);
    assert.deepEqual(await Promise.all([mark().look(), first.look()]), [emptiedAt, emptiedAt]);
    assert.equal(errors.length, 1);
    for (let index = 0; index < 50; index += 1)
      assert.ok(!versions.has((await store.add(userId, item(), times())).version));
  },
);

for (const [fsync, mayLoseMs] of [
  ["always", 0],
  ["everysec", 4_000],
] as const)
  test(
    `killed under load with appendfsync ${fsync}, it loses nothing that was answered more than ${mayLoseMs} ms before`,
    { skip },
    async () => {
      const server = await startTestRedis({ settings: ["appendonly yes", `appendfsync ${fsync}`] });
      const store = new RedisCarts(await open(server));
      const answered = new Map<string, { variantId: string; atMs: number }[]>();
      const killedAtMs: number[] = [];
      let isOver = false;
      const shop = async () => {
        let userId = newId();
        while (!isOver) {
          const one = item();
          const isAdded = await store.add(userId, one, times()).then(
            () => true,
            () => false,
          );
          const lines = answered.get(userId) ?? [];
          if (isAdded) lines.push({ variantId: one.variantId, atMs: systemClock.monotonicMs() });
          else await systemClock.sleep(5);
          answered.set(userId, lines);
          if (lines.length >= 50) userId = newId();
        }
      };
      const shoppers = Array.from({ length: 8 }, shop);
      const kills = fsync === "always" ? 3 : 2;
      for (let kill = 0; kill < kills; kill += 1) {
        await systemClock.sleep(fsync === "always" ? 300 : mayLoseMs + 500);
        killedAtMs.push(systemClock.monotonicMs());
        await server.kill();
        await server.start();
        await eventually(
          "it is used again",
          async () => (await reasonOf(store.find(newId(), times()))) === "done",
        );
      }
      isOver = true;
      await Promise.all(shoppers);
      let checked = 0;
      for (const [userId, lines] of answered) {
        const held = new Set((await store.find(userId, times()))?.items.map(({ variantId }) => variantId));
        for (const { variantId, atMs } of lines) {
          const mayBeLost = killedAtMs.some((killedMs) => atMs > killedMs - mayLoseMs && atMs <= killedMs);
          assert.ok(
            held.has(variantId) || mayBeLost,
            `An addition that was answered ${ageOf(atMs, killedAtMs)} ms before a kill is lost.`,
          );
          checked += 1;
        }
      }
      assert.ok(checked > 100, `Only ${checked} additions were answered.`);
    },
  );

for (const step of ["cart.merge.offered", "cart.merge.received"])
  test(`a process that ends at ${step} leaves a merge that goes on by itself, once`, { skip }, async () => {
    const store = new RedisCarts(await open(await startTestRedis(), 5_000));
    for (const who of ["the guest looks", "the guest adds", "it is merged again"]) {
      const [guest, account] = [newId(), newId()];
      const one = item(60);
      await store.add(guest, one, times());
      await store.add(account, one, times());
      crashOnceAt(step);
      await assert.rejects(store.merge(guest, account, times()), /ends here/);
      if (who === "the guest looks") await store.find(guest, times());
      else if (who === "the guest adds") await store.add(guest, item(), times());
      else await store.merge(guest, account, times());
      const left = countOf(await store.find(guest, times()));
      assert.equal(countOf(await store.find(account, times())), 99, who);
      assert.equal(left, who === "the guest adds" ? 22 : 21, who);
    }
  });

for (const step of ["cart.move.sealed", "cart.move.taken"])
  for (const to of ["redis", "postgres"] as const)
    test(
      `a process that ends at ${step} on the way to ${to} loses nothing and doubles nothing`,
      { skip },
      async () => {
        const { stores, from, target } = await bothStores(to);
        const userId = newId();
        const one = item(5);
        await stores[from].add(userId, one, times());
        const order = { userId, orderId: newId(), items: [{ ...one, quantity: 2 }] };
        await stores[from].consume(order, times());
        const moving = new MovingCarts({ from: stores[from], to: target, isPrepared: false });
        crashOnceAt(step);
        await assert.rejects(moving.add(userId, one, times()), /ends here/);
        await moving.consume(order, times());
        assert.equal(countOf(await moving.find(userId, times())), 3);
        assert.equal((await moveAll(stores[from], moving)).left, 0);
        assert.equal(countOf(await moving.find(userId, times())), 3);
      },
    );

for (const to of ["redis", "postgres"] as const)
  test(
    `a running shop moves to ${to} and loses no cart, whatever its processes know of the move`,
    { skip },
    async () => {
      const { stores, from, target } = await bothStores(to);
      const before = stores[from];
      const prepared = new MovingCarts({ from: before, to: target, isPrepared: true });
      const moving = new MovingCarts({ from: before, to: target, isPrepared: false });
      const shoppers = Array.from({ length: 40 }, () => ({ userId: newId(), added: 0 }));
      let phase: Pick<CartStore, "add">[] = [before];
      let isOver = false;
      const one = item();
      const shopping = shoppers.map(async (shopper, index) => {
        while (!isOver && shopper.added < 90) {
          // Whichever process the request happens to reach.
          const process = phase[(shopper.added + index) % phase.length] ?? moving;
          await process.add(shopper.userId, one, times());
          shopper.added += 1;
        }
      });
      const passed = async (count: number) =>
        await eventually(`${count} additions each`, () => shoppers.every(({ added }) => added >= count));
      await passed(10);
      phase = [before, prepared];
      await passed(25);
      phase = [prepared, moving];
      await passed(40);
      phase = [moving];
      const { left } = await moveAll(before, moving);
      assert.equal(left, 0);
      await passed(70);
      isOver = true;
      await Promise.all(shopping);
      for (const { userId, added } of shoppers) {
        assert.equal(countOf(await target.find(userId, times())), added);
        await assert.rejects(before.find(userId, times()), { reason: "CART_MOVED" });
      }
    },
  );

/** How long before the next kill. */
function ageOf(atMs: number, killedAtMs: readonly number[]): number {
  return Math.round(Math.min(...killedAtMs.filter((killedMs) => killedMs >= atMs)) - atMs);
}

async function bothStores(to: "redis" | "postgres") {
  const db = await testDatabase(cart as unknown as AnyService, 5);
  const stores = {
    redis: new RedisCarts(await open(await startTestRedis(), 5_000)),
    postgres: new PostgresCarts(db),
  };
  const from: "redis" | "postgres" = to === "redis" ? "postgres" : "redis";
  return { stores, from, target: stores[to] };
}

async function moveAll(from: RedisCarts | PostgresCarts, moving: MovingCarts) {
  const stop = new AbortController().signal;
  return await moveRemaining({ from, moving, times, stop, onProgress: () => undefined });
}

function crashOnceAt(step: string): void {
  setFailpoints((name) => {
    if (name !== step) return;
    setFailpoints(undefined);
    throw new Error(`The process ends here: ${step}.`);
  });
}
