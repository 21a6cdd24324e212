// How often somebody may guess a password, wherever one is asked for; kept in this process, and with the other replicas where they share a store.
import type { Clock } from "#platform/kit/clock.ts";
import type { SharedStore } from "#platform/redis/replica-store.ts";
import { limitKey, rateLimited, rememberKey } from "#platform/kit/rate-limit.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export interface GuessRules {
  /** Wrong passwords from one address within any minute, whosever they are. */
  readonly perMinuteMax: number;
  /** Wrong passwords for one account from one address within any hour. */
  readonly perHourMax: number;
}

/** Whose password is guessed, and from where; without an address nobody is counted: then the service that calls has counted. */
export interface Guesser {
  readonly address: string | undefined;
  readonly account: string;
}

/**
 * Lets an address guess wrong only so often, and less often for one account, to the letter: while attempts under way could still use up
 * what is left, further ones wait for them. Right passwords cost nothing. An account has no count of its own: strangers elsewhere
 * cannot lock its owner out. Where replicas share a store, wrong ones count together, by an estimate; those under way at once elsewhere are not seen.
 */
export class GuessLimit {
  readonly #addresses: Counter;
  readonly #accounts: Counter;
  readonly #rules: GuessRules;
  readonly #store: SharedStore | undefined;

  constructor(clock: Clock, rules: GuessRules, store?: SharedStore) {
    const { perMinuteMax, perHourMax } = rules;
    this.#rules = rules;
    this.#store = store;
    this.#addresses = new Counter(clock, perMinuteMax, minuteMs);
    this.#accounts = new Counter(clock, perHourMax, hourMs);
  }

  /** Runs one attempt; `isWrong` tells which errors count. Throws RATE_LIMITED without trying when there were too many. */
  async attempt<T>(
    { address, account }: Guesser,
    guess: () => Promise<T>,
    isWrong: (error: unknown) => boolean,
  ): Promise<T> {
    if (address === undefined) return await guess();
    const key = limitKey(address);
    const counts = [this.#addresses.of(key), this.#accounts.of(`${key} ${account}`)];
    await enter(counts);
    let isCounted = false;
    try {
      await this.#countTogether(key, account, 0);
      return await guess();
    } catch (error) {
      isCounted = isWrong(error);
      if (isCounted) await this.#countTogether(key, account, 1).catch(() => undefined);
      throw error;
    } finally {
      for (const count of counts) count.leave(isCounted);
    }
  }

  /** With all replicas, where they share a store; throws RATE_LIMITED when there were too many. */
  async #countTogether(key: string, account: string, weight: 0 | 1): Promise<void> {
    if (!this.#store) return;
    const { perMinuteMax, perHourMax } = this.#rules;
    const answers = await Promise.all([
      this.#store.count({ name: "user.guesses", key, windowMs: minuteMs, max: perMinuteMax, weight }),
      this.#store.count({
        name: "user.account-guesses",
        key: `${key} ${account}`,
        windowMs: hourMs,
        max: perHourMax,
        weight,
      }),
    ]);
    for (const answer of answers)
      if (answer && !answer.isCounted) throw rateLimited(answer.retryAfterSeconds);
  }
}

/** Takes a place with each counter, all in the same breath as the check: many attempts come at once. */
async function enter(counts: readonly Count[]): Promise<void> {
  for (;;) {
    for (const count of counts) count.requireRoom();
    const full = counts.find((count) => !count.hasPlace);
    if (!full) {
      for (const count of counts) count.underWay += 1;
      return;
    }
    await full.change();
  }
}

class Counter {
  readonly #clock: Clock;
  readonly #wrongMax: number;
  readonly #windowMs: number;
  readonly #byKey = new Map<string, Count>();

  constructor(clock: Clock, wrongMax: number, windowMs: number) {
    this.#clock = clock;
    this.#wrongMax = wrongMax;
    this.#windowMs = windowMs;
  }

  of(key: string): Count {
    const known = this.#byKey.get(key);
    if (known) return known;
    const count = new Count(this.#clock, this.#wrongMax, this.#windowMs);
    rememberKey(this.#byKey, key, count, ({ underWay }) => underWay === 0);
    return count;
  }
}

class Count {
  underWay = 0;
  readonly #clock: Clock;
  readonly #wrongMax: number;
  readonly #windowMs: number;
  /** When each of the last wrong ones happened, oldest first; never more than count. */
  #wrongAtMs: number[] = [];
  #waiting: (() => void)[] = [];

  constructor(clock: Clock, wrongMax: number, windowMs: number) {
    this.#clock = clock;
    this.#wrongMax = wrongMax;
    this.#windowMs = windowMs;
  }

  requireRoom(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#wrongAtMs = this.#wrongAtMs.filter((atMs) => atMs > nowMs - this.#windowMs);
    const [oldestMs] = this.#wrongAtMs;
    if (oldestMs !== undefined && this.#wrongAtMs.length >= this.#wrongMax)
      throw rateLimited(Math.max(1, Math.ceil((oldestMs + this.#windowMs - nowMs) / 1000)));
  }

  get hasPlace(): boolean {
    return this.#wrongAtMs.length + this.underWay < this.#wrongMax;
  }

  leave(isWrong: boolean): void {
    this.underWay -= 1;
    if (isWrong) this.#wrongAtMs = [...this.#wrongAtMs, this.#clock.monotonicMs()].slice(-this.#wrongMax);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async change(): Promise<void> {
    await new Promise<void>((wake) => this.#waiting.push(wake));
  }
}
