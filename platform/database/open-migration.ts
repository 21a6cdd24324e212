// Migrations that run outside a transaction: for what PostgreSQL does without blocking writes, such as an index on a busy table.
import type pg from "pg";
import { StartError } from "#platform/kit/start-error.ts";
import type { Session } from "./session.ts";

const head = /^-- no transaction: (\S.*)$/m;
const indexStatement = /^create\s+(?:unique\s+)?index\b/i;
const openIndex = /^create\s+(?:unique\s+)?index\s+concurrently\s+if\s+not\s+exists\s+([a-z_][a-z0-9_]*)\s/i;

/** The statements of a migration whose head says `-- no transaction: <reason>`; undefined for any other. */
export function openStatements(sql: string): string[] | undefined {
  const isOpen = head.test(headOf(sql));
  const statements = withoutComments(sql)
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  if (isOpen) return statements;
  if (!/\bconcurrently\b/i.test(withoutComments(sql))) return undefined;
  throw new Error(
    'works "concurrently", which PostgreSQL does outside transactions only. Begin the file with "-- no transaction: <reason>".',
  );
}

/** Throws what stands in the way of running it again after it stopped at any point. */
export function requireRepeatable(statements: readonly string[]): void {
  for (const statement of statements) {
    const [begin = ""] = statement.split("\n", 1);
    if (statement.includes("$$"))
      throw new Error(`has a function body, which cannot be repeated in parts: ${begin}`);
    if (/^(begin|commit|rollback|start)\b/i.test(statement))
      throw new Error(`opens a transaction itself: ${begin}`);
    if (indexStatement.test(statement) && !openIndex.test(statement))
      throw new Error(`makes an index other than by "create index concurrently if not exists": ${begin}`);
    if (
      /^(create table|alter table \S+ add column|drop)\b/i.test(statement) &&
      !/\bif (not )?exists\b/i.test(statement)
    )
      throw new Error(`cannot be repeated, because it does not say "if exists" or "if not exists": ${begin}`);
  }
}

/**
 * Runs the statements one by one. Each may have run before, in part: an index that a crash left invalid is dropped and made again.
 * Statements that work concurrently may wait as long as they must, because nobody waits for them; others give up after three
 * seconds behind a lock. Throws a StartError behind a pooler where the tables are found by a setting of the session, which there is none of.
 */
export async function runOpen(session: Session, statements: readonly string[]): Promise<void> {
  const { client, isOwn, settings } = session;
  if (!isOwn && settings.length > 0)
    throw new StartError(
      "A migration that runs outside a transaction cannot go through a pooler to a database that several services share. Set DATABASE_DIRECT_URL to the server itself.",
    );
  for (const statement of statements) {
    const isConcurrent = /\bconcurrently\b/i.test(statement);
    const isPatient = isConcurrent || /\bvalidate constraint\b/i.test(statement);
    const index = openIndex.exec(statement)?.[1];
    if (index !== undefined) await dropInvalid(client, index);
    const limit = `lock_timeout = '${isPatient ? "0" : "3s"}'`;
    // What works concurrently stands alone; the limit of a session that is nobody's is the server's own, which is none.
    if (isConcurrent) {
      if (isOwn) await client.query(`set ${limit}`);
      await client.query(statement);
    } else await client.query(`begin; set local ${limit}; ${statement}; commit`);
  }
}

async function dropInvalid(client: pg.Client, index: string): Promise<void> {
  const { rowCount } = await client.query(
    "select 1 from pg_index where indexrelid = to_regclass($1) and not indisvalid",
    [index],
  );
  if (rowCount === 1) await client.query(`drop index concurrently if exists ${index}`);
}

/** The comments that a file begins with. */
function headOf(sql: string): string {
  return /^(?:\s*--[^\n]*\n|\s*\n)*/.exec(sql)?.[0] ?? "";
}

function withoutComments(sql: string): string {
  return sql.replaceAll(/^\s*--[^\n]*$/gm, "");
}
