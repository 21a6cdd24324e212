// One JSON line for each thing worth knowing, to stdout. Secrets and cards cannot be printed by accident.
import { pino, type Logger as PinoLogger } from "pino";
import { systemClock } from "#platform/kit/clock.ts";

/** A structured logger; `child` adds fields to every line. */
export type Logger = PinoLogger;

export interface LogOptions {
  readonly level: string;
  /** json for machines, pretty for people at a terminal. */
  readonly format: "json" | "pretty";
}

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
 * The root logger. Lines carry time, level, msg and whatever fields the caller gives. Values under the names of secrets are
 * censored at every depth, also inside errors and their causes; card numbers and tokens even in the middle of a text.
 */
export function createLogger(options: LogOptions, write: (line: string) => void = writeToStdout): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"time":"${systemClock.now().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => (error instanceof Error ? factsOf(error, 0) : error) },
  };
  const toText = options.format === "json" ? (line: string) => line : prettyLine;
  return pino(settings, { write: (line: string) => write(toText(withoutSecrets(line))) });
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

function prettyLine(line: string): string {
  return `${prettyText(JSON.parse(line) as Record<string, unknown>)}\n`;
}

/** One entry of a log as a line for people, without its end. */
export function prettyText({ time, level, msg, service, ...rest }: Record<string, unknown>): string {
  const clock = String(time).slice(11, 23);
  const extra = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : "";
  const who = typeof service === "string" ? `${service}: ` : "";
  return `${clock} ${String(level).toUpperCase().padEnd(5)} ${who}${String(msg)}${extra}`;
}
