import type { Clock } from "#platform/kit/clock.ts";
import { appError, type AppError } from "#platform/kit/errors.ts";

/** Time an outside call gets when its maker says nothing. */
export const timeoutMsDefault = 10_000;

/**
 * How long a piece of work may go on: a deadline, and a way to end it early. A child never outlives its parent. Cheaper than
 * an AbortSignal, which it makes only when somebody asks for one.
 */
export class Scope {
  /** On the monotonic clock. */
  readonly deadlineMs: number;
  /** The name of the fault that whoever began this asks for; it travels with every call. */
  askedFault: string | undefined;
  readonly #clock: Clock;
  readonly #listeners = new Set<(reason: AppError) => void>();
  readonly #detach: (() => void) | undefined;
  readonly #timer: { stop(): void } | undefined;
  #ended: AppError | undefined;
  #isClosed = false;
  #controller: AbortController | undefined;

  constructor(clock: Clock, timeoutMs: number, parent?: Scope) {
    this.#clock = clock;
    this.askedFault = parent?.askedFault;
    const wantedMs = clock.monotonicMs() + timeoutMs;
    const ownTimer = !parent || wantedMs < parent.deadlineMs;
    this.deadlineMs = ownTimer ? wantedMs : parent.deadlineMs;
    this.#detach = parent?.onEnd((reason) => this.cancel(reason));
    if (ownTimer && !this.#ended)
      this.#timer = clock.after(Math.max(0, timeoutMs), () => this.cancel(deadlineExceeded()));
  }

  /** Milliseconds left; never negative. */
  get remainingMs(): number {
    return Math.max(0, this.deadlineMs - this.#clock.monotonicMs());
  }

  /** Why it ended, once it has. */
  get ended(): AppError | undefined {
    return this.#ended;
  }

  /** For libraries that take an AbortSignal. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#ended) this.#controller.abort(this.#ended);
    }
    return this.#controller.signal;
  }

  /** Calls `listener` when the scope ends early, at once if it has; returns the way to take it back. */
  onEnd(listener: (reason: AppError) => void): () => void {
    if (this.#ended) listener(this.#ended);
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends it: children, listeners and signal follow. The first reason stays; work that is done cannot be ended any more. */
  cancel(why?: AppError): void {
    if (this.#ended || this.#isClosed) return;
    const reason = why ?? canceled();
    this.#ended = reason;
    this.close();
    this.#controller?.abort(reason);
    for (const listener of [...this.#listeners]) listener(reason);
    this.#listeners.clear();
  }

  /** The work is done: frees the timer and forgets the parent. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.stop();
    this.#detach?.();
  }
}

export function deadlineExceeded(): AppError {
  return appError("deadline_exceeded", "DEADLINE_EXCEEDED", {
    publicMessage:
      "The answer took too long; the work may or may not have been done. Try again with the same idempotency key.",
    retryAfterSeconds: 1,
  });
}

export function canceled(): AppError {
  return appError("canceled", "CANCELED", { publicMessage: "The caller ended the call." });
}

/** What `work` comes to, or the scope's reason when that ends first; the work is then nobody's any more. */
export async function endingWith<T>(scope: Scope, work: Promise<T>): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const detach = scope.onEnd(reject);
    work.then(resolve, reject).finally(detach);
  });
}
