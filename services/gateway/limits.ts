// Rate limits, kept in this process: how often an address or an actor may ask, and how often it may fail to log in.
import type { Clock } from "#platform/kit/clock.ts";
import type { AppError } from "#platform/kit/errors.ts";
import { refusal } from "./errors.ts";

const windowMs = 60_000;
/** Bounds the memory of every limiter; the longest unused key goes first. */
const keysMax = 20_000;

interface Counts {
  window: number;
  current: number;
  previous: number;
}

/** A sliding minute, estimated from two fixed ones: cheap, and off by a few per cent at worst. */
export class RequestLimit {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #counts = new Map<string, Counts>();

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** Counts one request of `key`, or throws RATE_LIMITED. */
  take(key: string): void {
    const nowMs = this.#clock.monotonicMs();
    const window = Math.floor(nowMs / windowMs);
    const counts = this.#countsOf(key, window);
    const passedPart = (nowMs % windowMs) / windowMs;
    if (counts.current + counts.previous * (1 - passedPart) >= this.#perMinute)
      throw rateLimited(Math.ceil((windowMs - (nowMs % windowMs)) / 1000));
    counts.current += 1;
  }

  #countsOf(key: string, window: number): Counts {
    const known = this.#counts.get(key);
    if (known?.window === window) return known;
    const previous = known?.window === window - 1 ? known.current : 0;
    const counts = { window, current: 0, previous };
    remember(this.#counts, key, counts);
    return counts;
  }
}

interface Failures {
  /** When each of the last failures happened, oldest first. */
  failedAtMs: number[];
  underWay: number;
  waiting: (() => void)[];
}

/**
 * Lets an address fail to log in only so often within any 60 seconds, to the letter: while attempts under way could still use up
 * what is left, further ones wait for them. Logins that succeed cost nothing.
 */
export class LoginLimit {
  readonly #clock: Clock;
  readonly #failuresMax: number;
  readonly #byKey = new Map<string, Failures>();

  constructor(clock: Clock, failuresMax: number) {
    this.#clock = clock;
    this.#failuresMax = failuresMax;
  }

  /** Runs one attempt; `isFailure` tells which errors count. Throws RATE_LIMITED without trying when there were too many. */
  async attempt<T>(key: string, login: () => Promise<T>, isFailure: (error: unknown) => boolean): Promise<T> {
    const failures = this.#failuresOf(key);
    await this.#enter(failures);
    try {
      return await login();
    } catch (error) {
      if (isFailure(error)) failures.failedAtMs.push(this.#clock.monotonicMs());
      throw error;
    } finally {
      failures.underWay -= 1;
      for (const wake of failures.waiting.splice(0)) wake();
    }
  }

  async #enter(failures: Failures): Promise<void> {
    for (;;) {
      const nowMs = this.#clock.monotonicMs();
      failures.failedAtMs = failures.failedAtMs.filter((atMs) => atMs > nowMs - windowMs);
      const [oldestMs] = failures.failedAtMs.slice(-this.#failuresMax);
      if (failures.failedAtMs.length >= this.#failuresMax && oldestMs !== undefined)
        throw rateLimited(Math.max(1, Math.ceil((oldestMs + windowMs - nowMs) / 1000)));
      if (failures.failedAtMs.length + failures.underWay < this.#failuresMax) {
        // In the same breath as the check: many attempts come at once.
        failures.underWay += 1;
        return;
      }
      await new Promise<void>((wake) => failures.waiting.push(wake));
    }
  }

  #failuresOf(key: string): Failures {
    const known = this.#byKey.get(key);
    if (known) return known;
    const failures = { failedAtMs: [], underWay: 0, waiting: [] };
    remember(this.#byKey, key, failures, ({ underWay }) => underWay === 0);
    return failures;
  }
}

function remember<V>(
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

function rateLimited(retryAfterSeconds: number): AppError {
  const publicMessage = `Too many requests. Try again in ${retryAfterSeconds} seconds.`;
  return refusal("RATE_LIMITED", { publicMessage, retryAfterSeconds });
}
