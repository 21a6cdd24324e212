// Which store keeps carts, as the settings say.
import type { Database } from "#platform/database/db.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { ConfigOf } from "#platform/kit/config.ts";
import type { HealthCheck } from "#platform/kit/service.ts";
import { openRedis, type Redis } from "#platform/redis/redis.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { CartStore } from "./carts.ts";
import type { CartConfig } from "./config.ts";
import { MovingCarts } from "./moving-store.ts";
import { RedisCarts } from "./redis-store.ts";
import { PostgresCarts } from "./store.ts";
import { warnOfSetup } from "./store-setup.ts";
import { StoreMark } from "./store-mark.ts";

export type StoreName = "redis" | "postgres";

export interface OpenStores {
  /** Where carts are. */
  readonly carts: Omit<CartStore, "sweep">;
  /** Those that may hold carts. */
  readonly sweepable: readonly Pick<CartStore, "sweep">[];
  readonly postgres: PostgresCarts;
  readonly redis: RedisCarts | undefined;
  /** Knows of losses of the store outside; undefined where carts are in the database. */
  readonly mark: StoreMark | undefined;
  /** What has to be well for carts to be reached, beside the database. */
  readonly checks: readonly HealthCheck[];
  close(): Promise<void>;
}

interface StoresKit {
  readonly db: Database;
  readonly config: ConfigOf<typeof CartConfig>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Opens them; a Redis that is away now is no reason not to start. */
export async function openStores(kit: StoresKit): Promise<OpenStores> {
  const { db, config, clock, log } = kit;
  const postgres = new PostgresCarts(db);
  const { CART_REDIS_URL: url, CART_MOVE_TO: moveTo, CART_MOVE_FROM: moveFrom } = config;
  if (!url) {
    const close = () => Promise.resolve();
    return {
      carts: postgres,
      sweepable: [postgres],
      postgres,
      redis: undefined,
      mark: undefined,
      checks: [],
      close,
    };
  }
  const server = await openRedis({
    url,
    name: "stoa-cart",
    connections: config.CART_REDIS_POOL_MAX,
    timeoutMs: config.CART_REDIS_TIMEOUT_MS,
    caFile: config.CART_REDIS_CA_FILE,
    clock,
    log,
  });
  const redis = new RedisCarts(server);
  const mark = new StoreMark({ redis: server, db, clock, log });
  void mark.lookQuietly();
  void warnOfSetup(server, log);
  const stores = { redis, postgres };
  const other = (name: StoreName) => (name === "redis" ? "postgres" : "redis");
  return {
    carts: openCarts(),
    sweepable: [postgres, redis],
    postgres,
    redis,
    mark,
    checks: [{ name: "the cart store", isWell: async () => await isAnswering(server) }],
    close: async () => await server.close(),
  };

  function openCarts(): Omit<CartStore, "sweep"> {
    if (moveTo) return new MovingCarts({ from: stores[other(moveTo)], to: stores[moveTo], isPrepared: true });
    if (moveFrom)
      return new MovingCarts({ from: stores[moveFrom], to: stores[other(moveFrom)], isPrepared: false });
    return redis;
  }
}

async function isAnswering(server: Redis): Promise<boolean> {
  return await server.command("stoa:carts", ["EXISTS", "stoa:carts"]).then(
    () => true,
    () => false,
  );
}
