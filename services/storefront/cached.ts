import type { SharedStore } from "#platform/redis/replica-store.ts";
import type { Clock } from "#platform/kit/clock.ts";

/** Whoever knows an old value waits no longer for a new one. */
const patienceMs = 150;

/** One value that is fetched when somebody asks and it is old. While fetching fails or hangs, the last good value goes on. */
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
      const fetching = this.#begun(argument);
      return known ? await this.#soon(fetching, known.value) : await fetching;
    } catch (error) {
      if (!this.#value) throw error;
      this.#fetchedMs = this.#clock.monotonicMs();
      return this.#value.value;
    }
  }

  /** What is fetched, or after a while what was there before. */
  async #soon(fetching: Promise<T>, before: T): Promise<T> {
    const late = Promise.withResolvers<T>();
    const timer = this.#clock.after(patienceMs, () => late.resolve(before));
    try {
      return await Promise.race([fetching, late.promise]);
    } finally {
      timer.stop();
      fetching.catch(() => undefined);
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

/** What one replica has fetched, the others need not fetch as long as it is kept. The value is JSON. */
export function fetchedOnce<T, Argument>(
  store: Pick<SharedStore, "get" | "set"> | undefined,
  { key, keptMs }: { readonly key: string; readonly keptMs: number },
  fetch: (argument: Argument) => Promise<T>,
): (argument: Argument) => Promise<T> {
  if (!store) return fetch;
  return async (argument) => {
    const known = await store.get(key);
    if (known !== undefined) return JSON.parse(known) as T;
    const value = await fetch(argument);
    await store.set(key, JSON.stringify(value), keptMs);
    return value;
  };
}
