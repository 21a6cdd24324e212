// Databases that are not there yet: a server that starts, a name that is not answered, a role or a database that somebody else is making.
import { pause, type Clock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { requireGoing } from "#platform/kit/stopped.ts";
import { isOnTheWay, lostDatabase } from "./connection.ts";

export interface Patience {
  readonly clock: Clock;
  /** How long it is tried; 0 means once. */
  readonly patienceMs: number;
  /** Told why it waits: once for each reason, and again every fifteen seconds. */
  readonly note: (sentence: string) => void;
  readonly stop?: AbortSignal | undefined;
}

const againMs = 1_000;
const noteAgainMs = 15_000;

/**
 * Does `work` again until a database that it needs is there; `work` must be safe to repeat. What waiting does not mend, such as a certificate that is not
 * believed, is thrown at once, and what it was refused last when patience ends. Throws a StoppedError when `stop` aborts.
 */
export async function whenThere<T>(
  { clock, patienceMs, note, stop }: Patience,
  work: () => Promise<T>,
): Promise<T> {
  const startedMs = clock.monotonicMs();
  let noted: { readonly why: string; readonly atMs: number } | undefined;
  for (;;) {
    requireGoing(stop);
    try {
      return await work();
    } catch (error) {
      const nowMs = clock.monotonicMs();
      if (!isAwaited(error) || nowMs - startedMs >= patienceMs) throw error;
      const why = reasonOf(error);
      if (noted?.why !== why || nowMs - noted.atMs >= noteAgainMs) {
        note(
          `${why} It is tried again every second, for ${Math.round((nowMs - startedMs) / 1000)} s so far.`,
        );
        noted = { why, atMs: nowMs };
      }
    }
    await pause(clock, againMs, stop ?? new AbortController().signal);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof StartError) return error.message;
  const found = causesOf(error).find(
    (cause) => cause instanceof StartError || lostDatabase(cause) !== undefined,
  );
  if (found instanceof StartError) return found.message;
  return lostDatabase(found) ?? String(error);
}

/** 57P: it starts or ends. 08: the way was lost. 53300: no connection left. 28: no such role yet. 3D: no such database yet. */
const passingState = /^(57P0|08|53300$|28P01$|28000$|3D000$)/;

/** Whether waiting may mend it. */
export function isAwaited(error: unknown): boolean {
  return causesOf(error).some((cause) => {
    const { code, message } = cause as { code?: unknown; message: string };
    if (typeof code === "string") return isOnTheWay(code) || passingState.test(code);
    return /^Connection terminated|connection timeout|timeout expired|timeout exceeded/i.test(message);
  });
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error && causes.length < 8; cause = cause.cause)
    causes.push(cause);
  return causes;
}
