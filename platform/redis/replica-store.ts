// What the replicas of a shop share: counts, and small values for a while. Everything can do without it. docs/decisions/0045
import { createHash } from "node:crypto";
import type { Clock } from "#platform/kit/clock.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import { openRedis, redisScript, type Redis } from "./redis.ts";
import type { RedisUrl } from "./redis-url.ts";

/** One thing that is counted. */
export interface SharedCount {
  /** What is counted, such as "gateway.addresses", and for whom. It is kept as a digest. */
  readonly name: string;
  readonly key: string;
  /** In this many milliseconds. */
  readonly windowMs: number;
  /** Nothing is counted when there were as many already. */
  readonly max: number;
  /** How much it adds; 0 only asks. */
  readonly weight: number;
}

/**
 * A store that all replicas see. It never rejects and never makes anybody wait longer than 50 ms: where it cannot be asked, it knows nothing, and
 * is not asked again for a second. What is in it may be gone at any moment, and is true only as long as whoever put it there says.
 */
export interface SharedStore {
  /** Undefined when it is not there, or cannot be asked. */
  get(key: string): Promise<string | undefined>;
  /** Keeps up to 64 KiB for up to a day; more is not kept. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** True when it was not there and is now; undefined when that is not known. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean | undefined>;
  /**
   * Counts in a sliding window, estimated from two fixed ones as RequestLimit does, on the clock of the store. Undefined when it cannot be
   * asked.
   */
  count(
    count: SharedCount,
  ): Promise<{ readonly isCounted: boolean; readonly retryAfterSeconds: number } | undefined>;
  close(): Promise<void>;
}

export interface SharedStoreOptions {
  readonly url: RedisUrl;
  readonly caFile?: string | undefined;
  readonly connections: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const answerMaxMs = 50;
const pauseMs = 1_000;
const valueBytesMax = 65_536;
const ttlMaxMs = 86_400_000;

const asked = counter("stoa_shared_store_total", "Questions to the Redis that replicas share, by outcome.", [
  "outcome",
]);

const countScript = redisScript(`
local max, weight, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local at = math.floor(now / window)
local known = redis.call('HMGET', KEYS[1], 'window', 'current', 'previous')
local current, previous = 0, 0
if known[1] and tonumber(known[1]) == at then
  current, previous = tonumber(known[2]), tonumber(known[3])
elseif known[1] and tonumber(known[1]) == at - 1 then
  previous = tonumber(known[2])
end
local passed = now % window
if current + previous * (1 - passed / window) >= max then return {0, window - passed} end
if weight > 0 then
  redis.call('HSET', KEYS[1], 'window', string.format('%.0f', at), 'current', current + weight, 'previous', previous)
  redis.call('PEXPIRE', KEYS[1], 2 * window)
end
return {1, 0}
`);

/** Opens the store that REDIS_URL names. It need not be there. */
export async function openSharedStore({ log, ...options }: SharedStoreOptions): Promise<SharedStore> {
  const redis = await openRedis({ ...options, log, name: "stoa-shared", timeoutMs: answerMaxMs });
  return new RedisShared(redis, options.clock);
}

class RedisShared implements SharedStore {
  readonly #redis: Redis;
  readonly #clock: Clock;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis, clock: Clock) {
    this.#redis = redis;
    this.#clock = clock;
  }

  async get(key: string): Promise<string | undefined> {
    const value = await this.#ask((name) => this.#redis.command(name, ["GET", name]), valueKey(key));
    return typeof value === "string" ? value : undefined;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#put(key, value, ttlMs, []);
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean | undefined> {
    const answer = await this.#put(key, value, ttlMs, ["NX"]);
    return answer === undefined ? undefined : answer === "OK";
  }

  async count({ name, key, windowMs, max, weight }: SharedCount) {
    const facts = [max, weight, windowMs].map(String);
    const counted = await this.#ask(
      (at) => this.#redis.script(countScript, at, facts),
      `stoa:limit:${name}:${digest(key)}`,
    );
    if (counted === undefined) return undefined;
    const [isCounted, waitMs] = counted as [number, number];
    return { isCounted: isCounted === 1, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
  }

  async close(): Promise<void> {
    await this.#redis.close();
  }

  async #put(key: string, value: string, ttlMs: number, more: readonly string[]): Promise<unknown> {
    if (Buffer.byteLength(value) > valueBytesMax) return undefined;
    const ttl = String(Math.ceil(Math.min(Math.max(ttlMs, 1), ttlMaxMs)));
    return await this.#ask(
      (name) => this.#redis.command(name, ["SET", name, value, "PX", ttl, ...more]),
      valueKey(key),
    );
  }

  /** Undefined when it could not be asked; what it does not have is null. */
  async #ask(question: (key: string) => Promise<unknown>, key: string): Promise<unknown> {
    if (this.#clock.monotonicMs() < this.#pausedUntilMs) return undefined;
    try {
      const answer = await question(key);
      asked.inc({ outcome: "answered" });
      return answer;
    } catch {
      this.#pausedUntilMs = this.#clock.monotonicMs() + pauseMs;
      asked.inc({ outcome: "failed" });
      return undefined;
    }
  }
}

function valueKey(key: string): string {
  return `stoa:shared:${digest(key)}`;
}

function digest(key: string): string {
  return createHash("sha256").update(key).digest("base64url").slice(0, 22);
}
