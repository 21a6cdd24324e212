import { pause, type Clock } from "#platform/kit/clock.ts";

/**
 * Tells a loop of this process that there is something to do. A ring while nobody waits is kept for the next wait, so none is
 * lost; several rings count as one.
 */
export class Bell {
  #isRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Waits until it rings, `ms` have passed, or `signal` aborts. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#isRung && !signal.aborted) {
      const woken = new AbortController();
      const stop = () => woken.abort();
      this.#wake = stop;
      signal.addEventListener("abort", stop, { once: true });
      await pause(clock, ms, woken.signal);
      signal.removeEventListener("abort", stop);
      this.#wake = undefined;
    }
    this.#isRung = false;
  }
}
