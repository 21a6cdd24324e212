import type { Clock } from "#platform/kit/clock.ts";

const keptMs = 5_000;
const keysMax = 500;

/**
 * Remembers for some seconds what is dear to compute: counts over thousands of products. What is small is asked anew each
 * time, so a small shop is always exact; a write in this process forgets everything.
 */
export class RecentAnswers {
  readonly #clock: Clock;
  readonly #answers = new Map<string, { readonly value: unknown; readonly untilMs: number }>();
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
    }
    return value;
  }

  forget(): void {
    this.#writes += 1;
    this.#answers.clear();
  }
}

/** From so many products on, counting them is dear. */
export const dearCount = 5_000n;
