// The rules as they lie in deploy/monitoring/rules, and copies of them in which time runs faster.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse, stringify } from "yaml";

export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

const repository = join(import.meta.dirname, "../..");
export const rulesFolder = join(repository, "deploy/monitoring/rules");
export const unitTestsFolder = join(repository, "deploy/monitoring/tests");
export const dashboardsFolder = join(repository, "deploy/monitoring/grafana/dashboards");
export const runbooksFolder = join(repository, "docs/operate/runbooks");

export const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));

export function readRules(path: string): RuleFile {
  return parse(readFileSync(path, "utf8")) as RuleFile;
}

export function allRules(): (Rule & { readonly file: string })[] {
  return filesIn(rulesFolder, ".yml").flatMap((path) =>
    readRules(path).groups.flatMap(({ rules }) => rules.map((rule) => ({ ...rule, file: basename(path) }))),
  );
}

const unitMs: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

/** A process that does not answer for a moment, on a machine that is busy otherwise, is no fault. */
const forMinMs = 3_000;

/** Ages that are compared with a number of seconds; the number shrinks as ranges do. */
const agesInSeconds: readonly string[] = ["OutboxLags", "CheckoutStuck", "WorkWaits", "InvariantsNotChecked"];

/** A duration such as `5m`, so many times shorter. */
export function faster(duration: string, times: number): string {
  const [, count = "", unit = ""] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  return `${Math.max(0, Math.round((Number(count) * (unitMs[unit] ?? 0)) / times))}ms`;
}

/**
 * A rule in which ranges, waiting times and ages are so many times shorter. Nobody waits less than three seconds, nor longer than `forMaxMs`: what is wrong for good is
 * told sooner than it would be, and so is what is not wrong at all.
 */
export function fasterRule(rule: Rule, times: number, forMaxMs: number): Rule {
  const shorter = rule.expr.replace(/\[(\d+[smhd])\]/g, (_, range: string) => `[${faster(range, times)}]`);
  const shrunk = shorter.replaceAll("4 * 3600", String((4 * 3_600) / times));
  const expr = agesInSeconds.includes(rule.alert ?? "")
    ? shrunk.replace(/> (\d+)\s*$/, (_, seconds: string) => `> ${Number(seconds) / times}`)
    : shrunk;
  if (rule.for === undefined) return { ...rule, expr };
  const ms = Number.parseInt(faster(rule.for, times), 10);
  const waitsMs = ms === 0 ? 0 : Math.min(Math.max(ms, forMinMs), forMaxMs);
  return { ...rule, expr, for: `${waitsMs}ms` };
}

/** Writes the copies into a folder. */
export function writeFasterRules(
  folder: string,
  { times, forMaxMs }: { readonly times: number; readonly forMaxMs: number },
): void {
  mkdirSync(folder, { recursive: true });
  for (const path of filesIn(rulesFolder, ".yml")) {
    const groups = readRules(path).groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => fasterRule(rule, times, forMaxMs)),
    }));
    writeFileSync(join(folder, basename(path)), stringify({ groups }));
  }
}
