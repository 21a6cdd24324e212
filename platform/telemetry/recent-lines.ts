// The last lines of this process's log, for whoever looks at a shop that has no store of logs.

/** A line as it was written, secrets already censored. */
export interface RecentLine {
  /** Its number in this process; later lines have greater ones. */
  readonly number: number;
  /** ISO 8601. */
  readonly time: string;
  readonly level: string;
  readonly kind: string;
  /** Empty where the process speaks for itself. */
  readonly service: string;
  readonly msg: string;
  readonly requestId?: string;
  readonly traceId?: string;
  /** Everything else that stands on it. */
  readonly fields: { readonly [name: string]: unknown };
}

export interface LineFilter {
  /** Only lines with a greater number. */
  readonly after?: number | undefined;
  /** This level and worse. */
  readonly level?: string | undefined;
  readonly kind?: string | undefined;
  readonly service?: string | undefined;
  /** Stands somewhere on the line as it was written, in large or small letters. */
  readonly text?: string | undefined;
  readonly limit: number;
}

interface Kept {
  readonly number: number;
  readonly json: string;
}

/** JSON text is one byte a character; a string and its place in the list are 100 bytes more, about. */
const overheadBytes = 100;
const charactersMax = 8_192;

const gone: Kept = { number: 0, json: "" };

/** Lines in the order in which they came, at most so many bytes. */
class LineRing {
  readonly #bytesMax: number;
  #lines: Kept[] = [];
  /** Where the oldest stands that is still kept. */
  #first = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  push(line: Kept): void {
    this.#lines.push(line);
    this.#bytes += line.json.length + overheadBytes;
    while (this.#bytes > this.#bytesMax) {
      this.#bytes -= (this.#lines[this.#first]?.json.length ?? 0) + overheadBytes;
      this.#lines[this.#first] = gone;
      this.#first += 1;
    }
    if (this.#first <= 1_000) return;
    this.#lines = this.#lines.slice(this.#first);
    this.#first = 0;
  }

  after(number: number): Kept[] {
    const from = this.#lines.findIndex((line) => line.number > Math.max(0, number));
    return from === -1 ? [] : this.#lines.slice(from);
  }
}

const all = new LineRing(768 * 1024);
/** Warnings and errors, which all the others do not drive out. */
const worst = new LineRing(256 * 1024);
let count = 0;

/** Takes a line of JSON as it is written; `isBad` from warnings on. Called by the log. */
export function keepLine(json: string, isBad: boolean): void {
  count += 1;
  const line = { number: count, json: json.length > charactersMax ? cut(json) : json };
  all.push(line);
  if (isBad) worst.push(line);
}

/**
 * The newest lines that fit the filter, oldest first, at most `limit` of them, and the number of the last line written, to ask on from.
 * Bounded to about 1 MiB: 768 KiB of all lines and 256 KiB of warnings and errors, which the others do not drive out; of a line
 * longer than 8,192 characters the beginning is kept.
 */
export function recentLines(filter: LineFilter): { lines: RecentLine[]; last: number } {
  const { after = 0, text = "", limit } = filter;
  const wanted = text.toLowerCase();
  const lines: RecentLine[] = [];
  for (const { number, json } of kept(after).reverse()) {
    if (lines.length >= limit) break;
    if (wanted !== "" && !json.toLowerCase().includes(wanted)) continue;
    const line = lineOf(number, json);
    if (fits(line, filter)) lines.push(line);
  }
  return { lines: lines.reverse(), last: count };
}

/** Bad lines that the ring of all has lost, then all of that. */
function kept(after: number): Kept[] {
  const newest = all.after(after);
  const firstNumber = newest[0]?.number ?? Number.MAX_SAFE_INTEGER;
  return [...worst.after(after).filter(({ number }) => number < firstNumber), ...newest];
}

const levels = ["trace", "debug", "info", "warn", "error", "fatal"];

function fits(line: RecentLine, { level, kind, service }: LineFilter): boolean {
  if (level !== undefined && levels.indexOf(line.level) < levels.indexOf(level)) return false;
  if (kind !== undefined && line.kind !== kind) return false;
  return service === undefined || line.service === service;
}

function lineOf(number: number, json: string): RecentLine {
  const { time, level, kind, service, msg, requestId, traceId, ...fields } = JSON.parse(json) as {
    [name: string]: unknown;
  };
  return {
    number,
    time: textOf(time),
    level: textOf(level),
    kind: textOf(kind) || "app",
    service: textOf(service),
    msg: textOf(msg),
    ...(typeof requestId === "string" ? { requestId } : {}),
    ...(typeof traceId === "string" ? { traceId } : {}),
    fields,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Still JSON: what is nested goes, long texts lose their ends. */
function cut(json: string): string {
  const whole = JSON.parse(json) as { [name: string]: unknown };
  const short = Object.entries(whole).flatMap(([name, value]) => {
    if (typeof value === "string") return [[name, value.slice(0, 500)]];
    if (typeof value === "object" && value !== null) {
      const { message } = value as { message?: unknown };
      return typeof message === "string" ? [[name, { message: message.slice(0, 500) }]] : [];
    }
    return [[name, value]];
  });
  return JSON.stringify({ ...Object.fromEntries(short.slice(0, 12)), isCut: true });
}
