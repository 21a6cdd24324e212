// Which statements of a migration would stop a running shop, or leave nothing for the release before to work with.
import type { Migration } from "#platform/database/migrate.ts";
import { effectsOf, statementsOf, whoWaits, type Effect } from "#platform/database/statement-effects.ts";

/** Files that ran somewhere before the rules were there: a merged migration is never edited. Their tables are small or were new then. */
export const olderThanTheRules: ReadonlySet<string> = new Set([
  "cart/0004-carts-that-move",
  "catalog/0004-index-demo-first",
  "catalog/0005-chain-stock-ledger",
  "catalog/0006-forget-search-words",
  "catalog/0007-tell-the-base-currency",
  "catalog/0009-write-slugs-in-any-script",
  "catalog/0011-keep-variants",
  "checkout/0003-index-changes",
  "checkout/0004-add-waiting",
  "email/0002-index-changes",
  "email/0003-forget-mails",
  "order/0002-index-changes",
  "payment/0003-add-reconciliation",
  "payment/0006-index-changes",
  "platform/0002-find-failed-events",
  "shipping/0002-index-changes",
  "shipping/0003-ask-carriers",
]);

/**
 * What is wrong with the migrations of one scope, by label. A table that the same file makes may be treated in any way. A file may say
 * `-- accepted: <reason>` for a table that stays small, and `-- contract: <reason>` or `-- breaking: <reason>` when it takes away what no program
 * uses any more.
 */
export function migrationFaults(migrations: readonly Migration[]): Map<string, string[]> {
  const faults = new Map<string, string[]>();
  for (const { scope, number, name, sql } of migrations) {
    const effects = statementsOf(sql).flatMap(effectsOf);
    const made = new Set(effects.filter(({ makes }) => makes).map(({ table }) => table));
    const found = effects
      .filter(({ table }) => table === undefined || !made.has(table))
      .flatMap((effect) => faultOf(effect, sql) ?? []);
    if (found.length > 0) faults.set(`${scope}/${String(number).padStart(4, "0")}-${name}`, found);
  }
  return faults;
}

function faultOf(effect: Effect, sql: string): string | undefined {
  const { table = "a table", work, lock, removes } = effect;
  if (removes && !/^-- (?:contract|breaking): \S/m.test(sql))
    return `${first(effect)} takes away what the release before may use. Leave it for a release, then say "-- contract: <why nothing uses it>".`;
  if (/^-- accepted: \S/m.test(sql)) return undefined;
  if (work === "unknown") return `${first(effect)} runs code whose work nobody can tell beforehand.`;
  if (work === "rows")
    return `${first(effect)} changes rows of ${table} in one transaction. Fill columns in batches by a job.`;
  if (work === "moment" || whoWaits(lock) === "nobody") return undefined;
  return `${first(effect)} ${ways[work]}`;
}

const ways = {
  rewrite: "writes the table anew while everybody waits. Add a new column, and fill it by a job.",
  scan: 'reads the table while others wait. Add the constraint "not valid", and validate it in a migration after it.',
  index:
    'builds an index while writes wait. Say "create index concurrently if not exists" in a file that begins with "-- no transaction: <reason>".',
} as const;

function first({ statement }: Effect): string {
  return `"${statement.replaceAll(/\s+/g, " ").slice(0, 70)}"`;
}
