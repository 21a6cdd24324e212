import type { Clock } from "#platform/kit/clock.ts";

/** One value that is fetched when somebody asks and it is old. While fetching fails, the last good value goes on. */
export class Cached<T, Argument> {
  readonly #clock: Clock;
  readonly #freshMs: number;
  readonly #fetch: (argument: Argument) => Promise<T>;
  #value: { readonly value: T } | undefined;
  #fetchedMs = 0;
  #fetching: Promise<T> | undefined;

  constructor(clock: Clock, freshMs: number, fetch: (argument: Argument) => Promise<T>) {
    this.#clock = clock;
    this.#freshMs = freshMs;
    this.#fetch = fetch;
  }

  /** Rejects only when there never was a value. */
  async get(argument: Argument): Promise<T> {
    if (this.#value && this.#clock.monotonicMs() - this.#fetchedMs < this.#freshMs) return this.#value.value;
    this.#fetching ??= this.#renew(argument).finally(() => (this.#fetching = undefined));
    return await this.#fetching;
  }

  async #renew(argument: Argument): Promise<T> {
    try {
      this.#value = { value: await this.#fetch(argument) };
    } catch (error) {
      if (!this.#value) throw error;
    }
    this.#fetchedMs = this.#clock.monotonicMs();
    return this.#value.value;
  }
}
