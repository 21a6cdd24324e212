// The only place that asks what time it is, and the only one that waits.

/** Time as services see it. Durations come from `monotonicMs`, which never jumps; instants from `now`. */
export interface Clock {
  now(): Date;
  /** Milliseconds since some fixed moment; only differences mean anything. */
  monotonicMs(): number;
  /** Resolves after `ms`, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `callback` after `ms` unless stopped; does not keep the process alive. */
  after(ms: number, callback: () => void): { stop(): void };
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(asError(signal.reason));
      const onAbort = () => {
        clearTimeout(timer);
        reject(asError(signal?.reason));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return { stop: () => clearTimeout(timer) };
  },
};

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("The wait was stopped.", { cause: reason });
}

/** Waits up to `ms`; a stop through `signal` ends the wait without an error. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch(() => undefined);
}
