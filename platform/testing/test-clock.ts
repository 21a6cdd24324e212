// Time for tests: a clock that can be moved, and waiting for a condition instead of sleeping.
import { systemClock, type Clock } from "#platform/kit/clock.ts";

/** A clock that moves only when it is told to; timers fire as it passes them. */
export class TestClock implements Clock {
  #nowMs: number;
  #timers: { atMs: number; callback: () => void }[] = [];

  constructor(start = new Date("2030-01-01T00:00:00Z")) {
    this.#nowMs = start.getTime();
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.after(ms, resolve);
      const onAbort = () => {
        timer.stop();
        reject(new Error("The wait was stopped."));
      };
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  after(ms: number, callback: () => void): { stop(): void } {
    const timer = { atMs: this.#nowMs + ms, callback };
    this.#timers.push(timer);
    return { stop: () => (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  /** Moves on by `ms`, firing timers in order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
    }
    this.#nowMs = endMs;
  }
}

/** Waits until `isTrue`, or fails with `what` after ten seconds, or as many as are said. */
export async function eventually(
  what: string,
  isTrue: () => Promise<boolean> | boolean,
  seconds = 10,
): Promise<void> {
  const untilMs = systemClock.monotonicMs() + seconds * 1000;
  while (!(await isTrue())) {
    if (systemClock.monotonicMs() > untilMs)
      throw new Error(`Waited ${seconds} seconds in vain until ${what}.`);
    await systemClock.sleep(20);
  }
}
