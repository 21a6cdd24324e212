import { test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { openRedis } from "#platform/redis/redis.ts";
import { RedisUrl } from "#platform/redis/redis-url.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import { startTestRedis } from "#platform/testing/redis.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { RedisCarts } from "./redis-store.ts";
import { cart } from "./service.ts";
import { testCartStore } from "./store.contract.ts";

const skip = skipWithout("redis-server", "redis-cli");
if (skip) test("carts in Redis", { skip }, () => undefined);
else {
  const server = await startTestRedis({ password: "of-the-test" });
  const redis = await openRedis({
    url: new RedisUrl(server.url),
    name: "stoa-test",
    connections: 2,
    timeoutMs: 5_000,
    clock: systemClock,
    log: silentLog,
  });
  const db = await testDatabase(cart as unknown as AnyService);
  testCartStore("Redis", { store: new RedisCarts(redis), db, clock: new TestClock() });
  test("the connections end", async () => await redis.close());
}
