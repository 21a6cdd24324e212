import type { Clock } from "#platform/kit/clock.ts";

const keptMs = 5_000;
const keysMax = 500;
const staleMaxMs = 60_000;

/**
 * Remembers for some seconds what is dear to compute: counts over thousands of products. What is small is asked anew each
 * time, so a small shop is always exact; a write in this process forgets everything.
 */
export class RecentAnswers {
  readonly #clock: Clock;
  readonly #answers = new Map<string, { readonly value: unknown; readonly untilMs: number }>();
  readonly #counting = new Set<string>();
  #writes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get<T>(key: string, compute: () => Promise<T>, isDear: (value: T) => boolean): Promise<T> {
    const known = this.#answers.get(key);
    if (known && known.untilMs > this.#clock.monotonicMs()) return known.value as T;
    const writesBefore = this.#writes;
    const value = await compute();
    if (isDear(value) && this.#writes === writesBefore) {
      if (this.#answers.size >= keysMax) this.#answers.clear();
      this.#answers.set(key, { value, untilMs: this.#clock.monotonicMs() + keptMs });
    } else this.#answers.delete(key);
    return value;
  }

  /** Like `get`, but nobody waits for what was dear: while it is counted again, the count before it goes on. */
  async getSoon<T>(key: string, compute: () => Promise<T>, isDear: (value: T) => boolean): Promise<T> {
    const known = this.#answers.get(key);
    const age = known ? this.#clock.monotonicMs() - known.untilMs : 0;
    if (!known || age < 0 || age > staleMaxMs) return await this.get(key, compute, isDear);
    if (!this.#counting.has(key)) {
      this.#counting.add(key);
      void this.get(key, compute, isDear)
        .catch(() => undefined)
        .finally(() => this.#counting.delete(key));
    }
    return known.value as T;
  }

  drop(key: string): void {
    this.#answers.delete(key);
  }

  forget(): void {
    this.#writes += 1;
    this.#answers.clear();
  }
}

/** From so many products on, counting them is dear. */
export const dearCount = 5_000n;
