import { ConfigError, defineConfig, setting, type ConfigOf } from "#platform/kit/config.ts";
import { redisUrlSetting } from "#platform/redis/redis-url.ts";

export const CartConfig = defineConfig({
  CART_EXPIRY_SECONDS: setting.integer({
    default: 604_800,
    min: 60,
    max: 31_536_000,
    doc: "Seconds after the last touch until a cart is emptied; seven days by default.",
  }),
  CART_REDIS_URL: redisUrlSetting({
    doc: "The Redis that keeps carts: redis://, redis+sentinel:// or redis+cluster://, with rediss for TLS. Empty keeps them in PostgreSQL. docs/operate/redis.md",
  }),
  CART_REDIS_CA_FILE: setting.optionalText({
    doc: "File with the certificate of the authority that the Redis of carts is verified against; empty means those the system knows.",
  }),
  CART_REDIS_TIMEOUT_MS: setting.integer({
    default: 500,
    min: 10,
    max: 10_000,
    doc: "How long the Redis of carts may take for one answer.",
  }),
  CART_REDIS_POOL_MAX: setting.integer({
    default: 4,
    min: 1,
    max: 100,
    doc: "Connections that a process opens to the Redis of carts; of a cluster, one to each node.",
  }),
  CART_MOVE_TO: setting.optionalChoice(["redis", "postgres"], {
    doc: "First step of a move: carts stay where they are, and those that have gone to this store are followed. docs/operate/redis.md",
  }),
  CART_MOVE_FROM: setting.optionalChoice(["redis", "postgres"], {
    doc: "Second step of a move: carts are kept in the other store, and taken along from this one when they are touched or by `stoa carts move`.",
  }),
});

/** Throws a ConfigError when the settings do not say where carts are. */
export function requireUsableStores(config: ConfigOf<typeof CartConfig>): void {
  const { CART_REDIS_URL, CART_MOVE_TO, CART_MOVE_FROM } = config;
  const faults: string[] = [];
  if (CART_MOVE_TO && CART_MOVE_FROM)
    faults.push("CART_MOVE_TO and CART_MOVE_FROM are two steps of a move: set one of them at a time.");
  if ((CART_MOVE_TO ?? CART_MOVE_FROM) && !CART_REDIS_URL)
    faults.push("CART_REDIS_URL is not set, but carts shall be moved from or to it.");
  if (faults.length > 0) throw new ConfigError(faults);
}
