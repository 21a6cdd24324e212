// What says the same again and again is counted instead of written.
import type { Clock } from "#platform/kit/clock.ts";

/** So many like it are written, and one more every ten seconds. */
const burst = 20;
const everyMs = 10_000;
const kindsMax = 200;

interface Seen {
  left: number;
  atMs: number;
  leftOut: number;
}

/** Arguments of a logger's method. */
type LineArguments = readonly unknown[];

/**
 * Tells lines that are one too many. Two lines are the same when they have the same message and the same error but for the ids and
 * numbers in it; 200 different ones are known at once. Each line that is one for each request is left alone.
 */
export class LineFlood {
  readonly #clock: Clock;
  readonly #seen = new Map<string, Seen>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when the line is to be left out. `tell` is called with the message and the number of those left out, ten seconds later. */
  isTooMany(line: LineArguments, tell: (message: string, leftOut: number) => void): boolean {
    const [fields] = line;
    if (isAccess(fields)) return false;
    const message = messageOf(line);
    const seen = this.#find(keyOf(message, fields));
    if (seen.left >= 1) {
      seen.left -= 1;
      return false;
    }
    seen.leftOut += 1;
    if (seen.leftOut > 1) return true;
    this.#clock.after(everyMs, () => {
      const { leftOut } = seen;
      seen.leftOut = 0;
      tell(message, leftOut);
    });
    return true;
  }

  #find(key: string): Seen {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#seen.get(key);
    if (known) {
      known.left = Math.min(burst, known.left + (nowMs - known.atMs) / everyMs);
      known.atMs = nowMs;
      return known;
    }
    const [oldest] = this.#seen.size >= kindsMax ? this.#seen.keys() : [];
    if (oldest !== undefined) this.#seen.delete(oldest);
    const seen = { left: burst, atMs: nowMs, leftOut: 0 };
    this.#seen.set(key, seen);
    return seen;
  }
}

function isAccess(fields: unknown): boolean {
  return typeof fields === "object" && fields !== null && "kind" in fields && fields.kind === "access";
}

function messageOf([fields, message]: LineArguments): string {
  if (typeof fields === "string") return fields;
  if (typeof message === "string") return message;
  return fields instanceof Error ? fields.message : "";
}

function keyOf(message: string, fields: unknown): string {
  const error = typeof fields === "object" && fields !== null && "err" in fields ? fields.err : fields;
  const cause = error instanceof Error ? `${error.name} ${error.message.slice(0, 200)}` : "";
  return `${message} ${cause}`.replaceAll(/[\da-f-]{8,}|\d+/gi, "#");
}
