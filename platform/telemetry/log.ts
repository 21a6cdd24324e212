// One JSON line for each thing worth knowing, to stdout. Secrets and cards cannot be printed by accident.
import { styleText } from "node:util";
import { pino, type Logger as PinoLogger, type LoggerOptions } from "pino";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { LineFlood } from "./line-flood.ts";
import { logLines } from "./metrics.ts";
import { keepLine } from "./recent-lines.ts";

/** A structured logger; `child` adds fields to every line. */
export type Logger = PinoLogger;

export interface LogOptions {
  readonly level: string;
  /** json for machines, pretty for people at a terminal. */
  readonly format: "json" | "pretty";
  /** Colours for pretty lines; by default what the standard output shows. */
  readonly isColoured?: boolean;
  /** Tells how often a line has been said; the system's when absent. */
  readonly clock?: Clock;
}

/**
 * What a line is: `access` for each HTTP request, `rpc` for a call between services, `event` for something that happened to the
 * business, `audit` for what somebody changed on purpose, `app` for everything else.
 */
export type LineKind = "access" | "rpc" | "event" | "audit" | "app";

/** Names whose values never reach a log, wherever they stand. */
const secretNames = [
  "(?:(?:current|new|old)[-_]?)?password(?:[-_]?hash)?",
  "(?:client[-_]?)?secret|(?:service|(?:[a-z]+[-_])?api)[-_]?key|x-stoa-service",
  "(?:(?:access|refresh)[-_]?)?token|(?:proxy-)?authorization|(?:set-)?cookie",
  "(?:credit[-_]?)?card(?:[-_]?(?:number|cvv|cvc))?|number|pan|cvc|cvv",
].join("|");
const isSecretName = new RegExp(`^(?:${secretNames})$`, "i");
/** Looks at every line, so that the few with such a name are taken apart and the others cost next to nothing. */
const hasSecretName = new RegExp(`"(?:${secretNames})":`, "i");
const censored = "***";

/**
 * The root logger. Lines carry time, level, kind, msg and whatever fields the caller gives. Values under the names of secrets are
 * censored at every depth, also inside errors and their causes; card numbers and tokens even in the middle of a text. What is written
 * is kept for a while for `recentLines`, from info on even where the level says less. The same warning or error is written twenty times
 * in ten seconds, and then counted.
 */
export function createLogger(options: LogOptions, write: (line: string) => void = writeToStdout): Logger {
  const { level, format, clock = systemClock } = options;
  const values: { readonly [level: string]: number } = pino.levels.values;
  const { info = 30, warn = 40 } = values;
  // A level without a number is silence.
  const writtenFrom = values[level] ?? Number.POSITIVE_INFINITY;
  const isColoured = options.isColoured ?? (format === "pretty" && styleText("red", "x") !== "x");
  const toText = format === "json" ? (line: string) => line : (line: string) => prettyLine(line, isColoured);
  const flood = new LineFlood(clock);
  const settings: LoggerOptions = {
    level: writtenFrom > info && writtenFrom < Number.POSITIVE_INFINITY ? "info" : level,
    base: null,
    timestamp: () => `,"time":"${systemClock.now().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => (error instanceof Error ? factsOf(error, 0) : error) },
    mixin: (fields: { kind?: unknown }, number) => {
      const { kind = "app" } = fields;
      countLine(String(kind), pino.levels.labels[number] ?? "");
      return fields.kind === undefined ? ordinary : named;
    },
    mixinMergeStrategy: (fields: object, more: object) => (more === named ? fields : { ...more, ...fields }),
    hooks: {
      logMethod(line, method, number) {
        const tell = (message: string, leftOut: number) =>
          method.call(
            this,
            { repeated: leftOut },
            `${message} (As many lines like this one as it says were left out.)`,
          );
        if (number < warn || !flood.isTooMany(line, tell)) return method.apply(this, line);
        countLine("app", pino.levels.labels[number] ?? "");
      },
    },
  };
  const stream = {
    // Pino then tells the level of each line here.
    [pino.symbols.needsMetadataGsym]: true as const,
    lastLevel: 0,
    write(line: string) {
      const safe = withoutSecrets(line);
      keepLine(safe, this.lastLevel >= warn);
      if (this.lastLevel >= writtenFrom) write(toText(safe));
    },
  };
  return pino(settings, stream);
}

const ordinary = { kind: "app" } as const;
const named = {};

type LabelledCounter = ReturnType<typeof logLines.labels>;
const lineCounters = new Map<string, LabelledCounter>();

function countLine(kind: string, level: string): void {
  const key = `${kind} ${level}`;
  const known = lineCounters.get(key) ?? logLines.labels(kind, level);
  if (lineCounters.size < 100) lineCounters.set(key, known);
  known.inc();
}

/** A logger that says nothing, for tests. */
export const silentLog: Logger = pino({ level: "silent" });

function writeToStdout(line: string): void {
  process.stdout.write(line);
}

const causesMax = 5;
const plainFacts = new Set(["details", "violations"]);

/** PostgreSQL repeats whole rows in the detail of an error; they belong to customers, not into a log. */
function factsOf(error: Error, depth: number): object {
  const { name, message, stack, cause } = error;
  // Drivers hang whole clients on their errors; what fits on a line is enough.
  const own: Record<string, unknown> = Object.fromEntries(
    Object.entries(error).filter(([key, value]) => typeof value !== "object" || plainFacts.has(key)),
  );
  if ("severity" in own) delete own["detail"];
  const facts = { ...own, type: name, message, stack };
  if (cause === undefined || depth >= causesMax) return facts;
  return { ...facts, cause: cause instanceof Error ? factsOf(cause, depth + 1) : cause };
}

const tokenPattern = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/g;
const cardPattern = /(?<![\w.-])[3-6]\d(?:[ -]?\d){11,17}(?![\w.-])/g;

function withoutSecrets(line: string): string {
  const text = hasSecretName.test(line) ? `${JSON.stringify(JSON.parse(line, censor))}\n` : line;
  return text
    .replace(tokenPattern, censored)
    .replace(cardPattern, (digits) => (isCardNumber(digits) ? censored : digits));
}

function censor(name: string, value: unknown): unknown {
  return isSecretName.test(name) ? censored : value;
}

/** The check digit of ISO/IEC 7812. */
function isCardNumber(text: string): boolean {
  let total = 0;
  text
    .replaceAll(/\D/g, "")
    .split("")
    .reverse()
    .forEach((digit, index) => {
      const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1);
      total += doubled > 9 ? doubled - 9 : doubled;
    });
  return total % 10 === 0;
}

function prettyLine(line: string, isColoured: boolean): string {
  return `${prettyText(JSON.parse(line) as Record<string, unknown>, isColoured)}\n`;
}

/** One entry of a log as a line for people, without its end. */
export function prettyText(entry: Record<string, unknown>, isColoured = false): string {
  const { time, level, msg, service, kind, ...rest } = entry;
  const paint: Paint = isColoured ? painted : (_style, text) => text;
  const { said, facts } = kind === "access" ? accessText(rest, paint) : { said: String(msg), facts: rest };
  const extra = Object.keys(facts).length > 0 ? ` ${paint("dim", JSON.stringify(facts))}` : "";
  const who = typeof service === "string" ? `${paint("cyan", service)}: ` : "";
  const label = String(level).toUpperCase().padEnd(5);
  const isBad = level === "error" || level === "fatal";
  const style = isBad ? "red" : level === "warn" ? "yellow" : kind === "event" ? "green" : "dim";
  const words = isBad || level === "warn" || kind === "event" ? paint(style, said) : said;
  return `${paint("dim", String(time).slice(11, 23))} ${paint(style, label)} ${who}${words}${extra}`;
}

type Style = "dim" | "red" | "green" | "yellow" | "cyan";
type Paint = (style: Style, text: string) => string;

function painted(style: Style, text: string): string {
  return styleText(style, text, { validateStream: false });
}

function accessText(
  { method, route, status, ms, ...facts }: Record<string, unknown>,
  paint: Paint,
): { said: string; facts: Record<string, unknown> } {
  const style = Number(status) >= 500 ? "red" : Number(status) >= 400 ? "yellow" : "green";
  return {
    said: `${String(method)} ${String(route)} ${paint(style, String(status))} ${String(ms)} ms`,
    facts,
  };
}
