import { StartError } from "./start-error.ts";

/** Somebody asked the program to end while it was still opening: it has closed what was open, and nothing is wrong. */
export class StoppedError extends StartError {
  constructor() {
    super("Stopped before it was open.");
  }
}

/** Ends an opening between two of its steps. */
export function requireGoing(stop: AbortSignal | undefined): void {
  if (stop?.aborted) throw new StoppedError();
}
