// How often somebody may ask: counted in this process, and with the other replicas where they share a store.
import { isIPv6 } from "node:net";
import type { SharedStore } from "#platform/redis/replica-store.ts";
import type { Clock } from "./clock.ts";
import { appError, type AppError } from "./errors.ts";

const windowMs = 60_000;
/** Bounds the memory of every limiter; the key that was made first goes first. */
const keysMax = 20_000;

interface Counts {
  window: number;
  current: number;
  previous: number;
}

/** Where replicas count together, and what. */
export interface Sharing {
  /** Undefined where they share nothing. */
  readonly store: SharedStore | undefined;
  /** What is counted, such as "gateway.addresses". */
  readonly name: string;
}

/**
 * A sliding minute, estimated from two fixed ones: cheap, and off by a few per cent at worst. Each process counts for itself; where replicas share a
 * store, all of them together may not let in more either. A store that is away or slow changes nothing but that.
 */
export class RequestLimit {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #sharing: Sharing | undefined;
  readonly #counts = new Map<string, Counts>();

  constructor(clock: Clock, perMinute: number, sharing?: Sharing) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#sharing = sharing;
  }

  /** Counts one request of `key`, or as much as it weighs, or throws RATE_LIMITED. */
  async take(key: string, weight = 1): Promise<void> {
    const counts = this.#takeHere(key, weight);
    const { store, name } = this.#sharing ?? {};
    if (!store || name === undefined) return;
    const max = this.#perMinute;
    const together = await store.count({ name, key, windowMs, max, weight });
    if (!together || together.isCounted) return;
    counts.current -= weight;
    throw rateLimited(together.retryAfterSeconds);
  }

  #takeHere(key: string, weight: number): Counts {
    const nowMs = this.#clock.monotonicMs();
    const window = Math.floor(nowMs / windowMs);
    const counts = this.#countsOf(key, window);
    const passedPart = (nowMs % windowMs) / windowMs;
    if (counts.current + counts.previous * (1 - passedPart) >= this.#perMinute)
      throw rateLimited(Math.ceil((windowMs - (nowMs % windowMs)) / 1000));
    counts.current += weight;
    return counts;
  }

  #countsOf(key: string, window: number): Counts {
    const known = this.#counts.get(key);
    if (known?.window === window) return known;
    const previous = known?.window === window - 1 ? known.current : 0;
    const counts = { window, current: 0, previous };
    rememberKey(this.#counts, key, counts);
    return counts;
  }
}

/** Puts a key last in a map that holds a bounded number of them; the first goes if it may. */
export function rememberKey<V>(
  map: Map<string, V>,
  key: string,
  value: V,
  mayForget: (value: V) => boolean = () => true,
): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= keysMax) return;
  const [oldestKey, oldest] = map.entries().next().value ?? [];
  if (oldestKey !== undefined && oldest !== undefined && mayForget(oldest)) map.delete(oldestKey);
}

/** The refusal of whoever asked too often. */
export function rateLimited(retryAfterSeconds: number): AppError {
  const publicMessage = `Too many requests. Try again in ${retryAfterSeconds} seconds.`;
  return appError("exhausted", "RATE_LIMITED", { publicMessage, retryAfterSeconds });
}

/** What counts as one address: for IPv6 the /64 network, as one household has that many to choose from. */
export function limitKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [left = "", right = ""] = address.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === "" ? [] : right.split(":");
  const zeros = address.includes("::")
    ? Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0")
    : [];
  return [...head, ...zeros, ...tail].slice(0, 4).join(":");
}
