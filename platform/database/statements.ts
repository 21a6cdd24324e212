// Names of statements: one under which PostgreSQL keeps it prepared, and one under which metrics and records show it.
import { createHash } from "node:crypto";

/** One text of SQL. */
export interface Statement {
  /** The name it is prepared under. */
  readonly prepared: string;
  /** Who sends it, for people: file and function, such as `stock-store.reserveStock`. */
  readonly summary: string;
}

const statementsMax = 5_000;
const summariesMax = 1_000;

const known = new Map<string, Statement>();
const summaries = new Set<string>();

/**
 * What is known of a text. Its summary is made where it is sent for the first time, from the function that sends it, so this is to be
 * called before anything is waited for; the same text sent by another function keeps the name of the first. A process names at most 1,000
 * summaries, all others are `other`; texts that are made anew each time share the name of the function that makes them.
 */
export function statementOf(text: string): Statement {
  const found = known.get(text);
  if (found) return found;
  const prepared = createHash("sha1").update(text).digest("base64url").slice(0, 20);
  const statement = { prepared, summary: boundedSummary(summaryOf(text)) };
  if (known.size < statementsMax) known.set(text, statement);
  return statement;
}

function boundedSummary(summary: string): string {
  if (!summaries.has(summary) && summaries.size >= summariesMax) return "other";
  summaries.add(summary);
  return summary;
}

/** The files between a statement and whoever sends it. */
const between = /\/platform\/database\/(?:statements|db|pool|read-replica|transaction-scope)\.ts$/;
const place = /^\s+at (?:async )?(?:(?:new )?(.*?) \()?(?:file:\/\/)?([^()]*?):\d+:\d+\)?$/;

function summaryOf(text: string): string {
  for (const line of (new Error().stack ?? "").split("\n").slice(1)) {
    const [, called = "", path = ""] = place.exec(line) ?? [];
    if (path === "" || path.startsWith("node:") || between.test(path.replaceAll("\\", "/"))) continue;
    const file =
      path
        .split(/[\\/]/)
        .at(-1)
        ?.replace(/\.[cm]?[jt]s$/, "") ?? "";
    const name = /(\w+)$/.exec(called.replace(/ \[as .*\]$/, ""))?.[1] ?? "";
    // A function without a name of its own is told by what it asks.
    return `${file}.${name === "" || name === "anonymous" ? verbOf(text) : name}`;
  }
  return verbOf(text);
}

function verbOf(text: string): string {
  const verb = /^\s*([a-z]+)/i.exec(text)?.[1]?.toLowerCase() ?? "statement";
  const table = /\b(?:from|into|update)\s+(?:only\s+)?"?([a-z_][\w.]*)/i.exec(text)?.[1];
  return table === undefined ? verb : `${verb}_${table.toLowerCase()}`;
}
