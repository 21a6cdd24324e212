// What a neighbour said last goes on while it does not answer: late once, then without waiting.
import type { Clock } from "./clock.ts";
import { isKind } from "./errors.ts";

/** A value, and on the monotonic clock when it was heard. */
export interface Kept<T> {
  readonly value: T;
  readonly atMs: number;
}

/** An answer; `ageMs` is set when it is an old one, in place of one that did not come. */
export interface Heard<T> {
  readonly value: T;
  readonly ageMs?: number;
}

export interface Question<T> {
  /** Asks the neighbour. It must end by itself, as calls do at their deadline. */
  readonly ask: () => Promise<T>;
  /** What was heard last, if that is good enough: while the answer is only late, or when the neighbour has failed. */
  readonly known: (why: "late" | "failed") => Kept<T> | undefined;
  /** Keeps a new answer, also one that comes after nobody waits for it. */
  readonly keep: (value: T) => void;
}

export interface Patience {
  /** How long an answer is waited for where an old one is at hand. */
  readonly patienceMs: number;
  /** How long nobody waits after that, unless the neighbour is heard again before. */
  readonly lateMs: number;
}

/**
 * Asks one neighbour, and answers with what it said last when it is late or fails. A neighbour that hangs costs `patienceMs` once; for
 * `lateMs` after that old answers go out at once, and it is asked once at a time behind them until it is heard again. Without an
 * old answer the question is what it is: its answer or its error. Refusals are answers: only `unavailable`, `deadline_exceeded` and
 * `internal` count as failures.
 */
export class LastKnown {
  readonly #clock: Clock;
  readonly #patience: Patience;
  #lateUntilMs = 0;
  #isProbing = false;

  constructor(clock: Clock, patience: Patience) {
    this.#clock = clock;
    this.#patience = patience;
  }

  /** Rejects with what `ask` rejects with, when nothing is known that could stand in for it. */
  async ask<T>(question: Question<T>): Promise<Heard<T>> {
    const before = this.#isLate ? question.known("late") : undefined;
    if (before) {
      this.#probe(question);
      return this.#old(before);
    }
    const asking = this.#heard(question);
    const late = await this.#isLateAnswer(asking);
    const meanwhile = late ? question.known("late") : undefined;
    if (meanwhile) {
      this.#notHeard();
      asking.catch(() => undefined);
      return this.#old(meanwhile);
    }
    try {
      return { value: await asking };
    } catch (error) {
      const last = isAway(error) ? question.known("failed") : undefined;
      if (!last) throw error;
      this.#notHeard();
      return this.#old(last);
    }
  }

  get #isLate(): boolean {
    return this.#clock.monotonicMs() < this.#lateUntilMs;
  }

  #notHeard(): void {
    this.#lateUntilMs = this.#clock.monotonicMs() + this.#patience.lateMs;
  }

  #old<T>({ value, atMs }: Kept<T>): Heard<T> {
    return { value, ageMs: this.#clock.monotonicMs() - atMs };
  }

  async #heard<T>({ ask, keep }: Question<T>): Promise<T> {
    const value = await ask();
    this.#lateUntilMs = 0;
    keep(value);
    return value;
  }

  #probe<T>(question: Question<T>): void {
    if (this.#isProbing) return;
    this.#isProbing = true;
    void this.#heard(question)
      .catch(() => this.#notHeard())
      .finally(() => (this.#isProbing = false));
  }

  async #isLateAnswer(asking: Promise<unknown>): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    const timer = this.#clock.after(this.#patience.patienceMs, () => late.resolve(true));
    const come = asking.then(
      () => false,
      () => false,
    );
    try {
      return await Promise.race([come, late.promise]);
    } finally {
      timer.stop();
    }
  }
}

/** True for a neighbour that is not there, did not answer in time or broke: what it would have said is not known. */
export function isAway(error: unknown): boolean {
  return isKind(error, "unavailable", "deadline_exceeded", "internal");
}

export interface KeptOptions {
  readonly clock: Clock;
  /** Together, by the weight each was kept with. */
  readonly weightMax: number;
  readonly ageMsMax: number;
}

/** Values by key for a while; the least recently kept go first when there is no more room. */
export class KeptValues<T> {
  readonly #options: KeptOptions;
  readonly #values = new Map<string, Kept<T> & { readonly weight: number; readonly era: number }>();
  #weight = 0;
  #era = 0;

  constructor(options: KeptOptions) {
    this.#options = options;
  }

  /** What was kept, unless it is too old. */
  find(key: string): Kept<T> | undefined {
    const kept = this.#values.get(key);
    if (!kept) return undefined;
    if (this.#options.clock.monotonicMs() - kept.atMs <= this.#options.ageMsMax) return kept;
    this.delete(key);
    return undefined;
  }

  /** The same, unless something has changed since it was kept. */
  findUnchanged(key: string): Kept<T> | undefined {
    const kept = this.find(key);
    return this.#values.get(key)?.era === this.#era ? kept : undefined;
  }

  set(key: string, value: T, weight = 1): void {
    this.delete(key);
    if (weight > this.#options.weightMax) return;
    this.#values.set(key, { value, atMs: this.#options.clock.monotonicMs(), weight, era: this.#era });
    this.#weight += weight;
    for (const oldest of this.#values.keys()) {
      if (this.#weight <= this.#options.weightMax) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#weight -= this.#values.get(key)?.weight ?? 0;
    this.#values.delete(key);
  }

  /** Somebody has changed something: what was kept before is not what is now. */
  noteChange(): void {
    this.#era += 1;
  }
}
