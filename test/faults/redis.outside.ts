// The rows of Redis in services/resilience.ts, on a shop with two real ones: of the carts, and of what replicas share.
import { test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { RedisUrl } from "#platform/redis/redis-url.ts";
import { openSharedStore } from "#platform/redis/replica-store.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import { startOwnRedis, type TestRedis } from "#platform/testing/redis.ts";
import { openShop } from "../journeys/open-shop.ts";
import { usualLimits } from "../lab/patient-limits.ts";
import { playRow, type OutsidePart } from "./one-part.ts";

const skip = skipWithout("redis-server", "redis-cli");
if (skip) test("Redis hangs and dies", { skip }, () => undefined);
else {
  const settings = ["appendonly yes", "appendfsync always"];
  const [carts, shared] = [await startOwnRedis({ settings }), await startOwnRedis()];
  const url = new RedisUrl(shared.url);
  const store = await openSharedStore({ url, connections: 2, clock: systemClock, log: silentLog });
  const shop = await openShop(
    {},
    {
      rateLimits: true,
      environment: { ...usualLimits, CART_REDIS_URL: carts.url },
      shared: store,
      close: async () => {
        await store.close();
        await Promise.all([carts.remove(), shared.remove()]);
      },
    },
  );
  playRow(shop, "cart redis", partOf(carts));
  playRow(shop, "shared redis", partOf(shared));
}

function partOf(redis: TestRedis): OutsidePart {
  let isGone = false;
  return {
    break: async (state) => {
      if (state === "slow") return redis.hang();
      isGone = true;
      await redis.kill();
    },
    heal: async () => {
      redis.goOn();
      if (isGone) await redis.start();
      isGone = false;
    },
  };
}
