import { systemClock, type Clock } from "#platform/kit/clock.ts";

/**
 * A clock that runs ten times as fast for those who wait, and whose wall time is wrong by whatever `skewMs` says: durations
 * must not depend on wall time, and nothing that matters on this machine's idea of it.
 */
export class SimulationClock implements Clock {
  readonly #speed = 10;
  skewMs = 0;

  now(): Date {
    return new Date(systemClock.now().getTime() + this.skewMs);
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() * this.#speed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.#speed, signal);
  }

  after(ms: number, callback: () => void): { stop(): void } {
    return systemClock.after(ms / this.#speed, callback);
  }
}
