// One stream of lines for a shop of many processes: whole lines, each with the name of the process that said it.
import { write as writeFd } from "node:fs";
import type { Readable } from "node:stream";
import { systemClock } from "#platform/kit/clock.ts";
import { prettyText } from "#platform/telemetry/log.ts";
import type { Paint, PaintStyle } from "./paint.ts";

export interface SplitLogOptions {
  readonly format: "json" | "pretty";
  readonly paint: Paint;
  /** Names of the processes, in the order in which they get their colours. */
  readonly names: readonly string[];
  /** Where lines go; the standard output when not said. */
  readonly sink?: LineSink;
}

/** Takes text; resolves when it is written. */
export type LineSink = (text: string) => Promise<void>;

/** What the launcher itself says stands under this name. */
const launcher = "launcher";
/** So much may wait for a reader that does not read; beyond it lines are left out and counted, and no service waits. */
const waitingMax = 4 * 1024 * 1024;
/** A line longer than this is cut into several. */
const lineMax = 256 * 1024;
const styles: readonly PaintStyle[] = ["cyan", "green", "magenta", "yellow", "blue"];

export class SplitLog {
  readonly #options: SplitLogOptions;
  readonly #sink: LineSink;
  readonly #width: number;
  #waiting: string[] = [];
  #waitingLength = 0;
  #leftOut = 0;
  #writing: Promise<void> | undefined;

  constructor(options: SplitLogOptions) {
    this.#options = options;
    this.#sink = options.sink ?? toStdout;
    this.#width = Math.max(...options.names.map(({ length }) => length), 0);
  }

  /** Follows what a process says on a pipe; the pieces of a line that come apart are put together. */
  follow(name: string, stream: Readable, isComplaint: boolean): void {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.line(name, line, isComplaint);
      for (; rest.length > lineMax; rest = rest.slice(lineMax))
        this.line(name, rest.slice(0, lineMax), isComplaint);
    });
    // What a process said last may lack the end of its line.
    stream.on("end", () => {
      if (rest !== "") this.line(name, rest, isComplaint);
      rest = "";
    });
    stream.on("error", () => undefined);
  }

  /** One line of a process: JSON of its log, or whatever else it said. */
  line(name: string, text: string, isComplaint = false): void {
    if (text.trim() === "") return;
    const entry = entryOf(text);
    if (this.#options.format === "json") this.#put(jsonLine(name, entry, text, isComplaint));
    else this.#put(this.#prettyLine(name, entry ? withoutName(entry, name) : text));
  }

  /** A sentence of the launcher itself. */
  readonly say = (text: string): void => {
    if (this.#options.format === "pretty") this.#put(text);
    else for (const line of text.split("\n")) if (line.trim() !== "") this.line(launcher, line.trim());
  };

  /** Resolves when everything is written, or when nobody has read on for `patienceMs`. */
  async flush(patienceMs = 1_000): Promise<void> {
    const isLate = systemClock.sleep(patienceMs);
    for (;;) {
      const writing = this.#writing;
      if (!writing) return;
      const isOver = await Promise.race([writing.then(() => false), isLate.then(() => true)]);
      if (isOver) return;
    }
  }

  #prettyLine(name: string, said: Entry | string): string {
    const { names, paint } = this.#options;
    const style = styles[Math.max(names.indexOf(name), 0) % styles.length] ?? "cyan";
    const prefix = paint(style, `${name.padEnd(this.#width)} |`);
    if (typeof said === "string") return `${prefix} ${said}`;
    const text = prettyText(said);
    const { level } = said;
    if (level === "warn") return `${prefix} ${paint("yellow", text)}`;
    return level === "error" || level === "fatal" ? `${prefix} ${paint("red", text)}` : `${prefix} ${text}`;
  }

  #put(line: string): void {
    if (this.#waitingLength > waitingMax) {
      this.#leftOut += 1;
      return;
    }
    if (this.#leftOut > 0) {
      const left = this.#leftOut;
      this.#leftOut = 0;
      this.say(`${left} lines were left out here: nobody read as fast as they came.`);
    }
    this.#waiting.push(`${line}\n`);
    this.#waitingLength += line.length + 1;
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join("");
      this.#waiting = [];
      await this.#sink(text);
      this.#waitingLength -= text.length;
    }
    this.#writing = undefined;
  }
}

type Entry = Record<string, unknown>;

function entryOf(text: string): Entry | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Entry;
  } catch {
    return undefined;
  }
}

/** The name stands before the line already; a part of the process that calls itself otherwise is still named. */
function withoutName(entry: Entry, name: string): Entry {
  if (entry["service"] !== name) return entry;
  const { service: _, ...rest } = entry;
  return rest;
}

function jsonLine(name: string, entry: Entry | undefined, text: string, isComplaint: boolean): string {
  if (entry === undefined) {
    const time = systemClock.now().toISOString();
    return JSON.stringify({ level: isComplaint ? "error" : "info", time, service: name, msg: text });
  }
  const { service = name, ...rest } = entry;
  return JSON.stringify({ ...rest, service: name, ...(service === name ? {} : { part: service }) });
}

/** Never blocks the event loop, whoever reads at the other end. */
async function toStdout(text: string): Promise<void> {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const written = await writeSome(rest);
    rest = rest.subarray(written);
  }
}

const retryMs = 10;

function writeSome(bytes: Buffer): Promise<number> {
  return new Promise((resolve) => {
    writeFd(process.stdout.fd, bytes, (error, written) => {
      if (!error) return resolve(written);
      if (error.code === "EAGAIN") return void systemClock.after(retryMs, () => resolve(0));
      // Whoever read has left; the shop ends as if told to.
      if (error.code === "EPIPE") process.kill(process.pid, "SIGTERM");
      resolve(bytes.length);
    });
  });
}
