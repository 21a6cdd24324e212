import type { Clock } from "#platform/kit/clock.ts";

/** One value that is fetched when somebody asks and it is old. While fetching fails, the last good value goes on. */
export class Cached<T, Argument> {
  readonly #clock: Clock;
  readonly #freshMs: number;
  readonly #fetch: (argument: Argument) => Promise<T>;
  readonly #isKept: (value: T) => boolean;
  #value: { readonly value: T } | undefined;
  #fetchedMs = 0;
  #fetching: Promise<T> | undefined;

  /** What is not to be kept is asked anew each time. */
  constructor(
    clock: Clock,
    freshMs: number,
    fetch: (argument: Argument) => Promise<T>,
    isKept: (value: T) => boolean = () => true,
  ) {
    this.#clock = clock;
    this.#freshMs = freshMs;
    this.#fetch = fetch;
    this.#isKept = isKept;
  }

  /** Rejects only when there never was a value. */
  async get(argument: Argument): Promise<T> {
    const known = this.#value;
    if (known && this.#isKept(known.value) && this.#clock.monotonicMs() - this.#fetchedMs < this.#freshMs)
      return known.value;
    try {
      return await this.#begun(argument);
    } catch (error) {
      if (!this.#value) throw error;
      this.#fetchedMs = this.#clock.monotonicMs();
      return this.#value.value;
    }
  }

  /** What is true now: a fetch that began before this call does not count. Rejects when there is no answer. */
  async getNew(argument: Argument): Promise<T> {
    if (this.#fetching) await this.#fetching.catch(() => undefined);
    return await this.#begun(argument);
  }

  async #begun(argument: Argument): Promise<T> {
    this.#fetching ??= this.#renewed(argument).finally(() => (this.#fetching = undefined));
    return await this.#fetching;
  }

  async #renewed(argument: Argument): Promise<T> {
    const value = await this.#fetch(argument);
    this.#value = { value };
    this.#fetchedMs = this.#clock.monotonicMs();
    return value;
  }
}
