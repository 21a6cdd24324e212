// What a Redis that keeps carts should be set to, told to whoever runs it.
import type { Redis } from "#platform/redis/redis.ts";
import type { Logger } from "#platform/telemetry/log.ts";

/** Warns of settings under which carts go without anybody being told. A Redis that does not say how it is set is left alone. */
export async function warnOfSetup(redis: Redis, log: Logger): Promise<void> {
  const text = await redis.command("stoa:carts", ["INFO"]).catch(() => undefined);
  if (typeof text !== "string") return;
  const said = new Map(text.split(/\r?\n/).map((line) => line.split(":", 2) as [string, string]));
  const policy = said.get("maxmemory_policy") ?? "noeviction";
  if (policy !== "noeviction")
    log.warn(
      { redis: "stoa-cart" },
      `The Redis that keeps carts throws keys away when it is full (maxmemory-policy ${policy}). Set it to noeviction, or carts will be lost without a word.`,
    );
  if (said.get("aof_enabled") === "0")
    log.warn(
      { redis: "stoa-cart" },
      "The Redis that keeps carts writes no append-only file: what was changed since its last snapshot is lost when it ends. Set appendonly yes.",
    );
}
