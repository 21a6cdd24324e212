// How often an address may fail to log in, kept in this process.
import type { Clock } from "#platform/kit/clock.ts";
import { rateLimited, rememberKey } from "#platform/kit/rate-limit.ts";

const windowMs = 60_000;

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
    rememberKey(this.#byKey, key, failures, ({ underWay }) => underWay === 0);
    return failures;
  }
}
