// One JSON line for each thing worth knowing, to stdout. Secrets and cards cannot be printed by accident.
import { pino, type Logger as PinoLogger } from "pino";

/** A structured logger; `child` adds fields to every line. */
export type Logger = PinoLogger;

export interface LogOptions {
  readonly level: string;
  /** json for machines, pretty for people at a terminal. */
  readonly format: "json" | "pretty";
}

/** Names whose values never reach a log, wherever they stand in the first three levels. */
const redactedNames = [
  "password",
  "currentPassword",
  "token",
  "refreshToken",
  "authorization",
  "cookie",
  "number",
  "cvc",
  "card",
  "secret",
];

/** The root logger. Lines carry time, level, msg and whatever fields the caller gives. */
export function createLogger(options: LogOptions): Logger {
  const paths = redactedNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths, censor: "***" },
  };
  if (options.format === "json") return pino(settings);
  return pino(settings, { write: (line: string) => void process.stdout.write(prettyLine(line)) });
}

/** A logger that says nothing, for tests. */
export const silentLog: Logger = pino({ level: "silent" });

function prettyLine(line: string): string {
  const { time, level, msg, service, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(11, 23);
  const extra = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : "";
  return `${clock} ${String(level).toUpperCase().padEnd(5)} ${service ? `${String(service)}: ` : ""}${String(msg)}${extra}\n`;
}
