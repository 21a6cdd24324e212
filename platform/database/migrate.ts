// Forward-only, numbered SQL migrations, under a lock, with a checksum that is never allowed to change. Each runs in a transaction of
// its own, or says that it must not.
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import type pg from "pg";
import { StartError } from "#platform/kit/start-error.ts";
import { connectionFault } from "./connection.ts";
import { openStatements, requireRepeatable, runOpen } from "./open-migration.ts";
import { holdingLock, openSession, type Session } from "./session.ts";

/** One migration file. */
export interface Migration {
  /** platform for the kit's own tables, else the service. */
  readonly scope: string;
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
  /** For one that runs outside a transaction: what it does, statement by statement. */
  readonly open: readonly string[] | undefined;
}

/** Reads `0001-create-carts.sql` and its like from a folder, in order. Throws when numbers repeat or skip. */
export async function readMigrations(scope: string, folder: URL): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const match = /^(\d{4})-([a-z0-9-]+)\.sql$/.exec(name);
    const number = Number(match?.[1]);
    if (!match || number !== migrations.length + 1)
      throw new Error(
        `Migration ${scope}/${name} is out of order: expected number ${migrations.length + 1}.`,
      );
    const sql = await readFile(new URL(name, folder), "utf8");
    migrations.push({
      scope,
      number,
      name: match[2] ?? name,
      sql,
      checksum: createHash("sha256").update(sql).digest("hex"),
      open: openPart(`${scope}/${name}`, sql),
    });
  }
  return migrations;
}

function openPart(label: string, sql: string): string[] | undefined {
  try {
    const statements = openStatements(sql);
    if (statements) requireRepeatable(statements);
    return statements;
  } catch (error) {
    throw new Error(`Migration ${label} ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The tables of the kit itself: tasks, inbox, jobs. */
export const platformMigrations = new URL("./migrations/", import.meta.url);

/** Any number will do as long as all programs use the same. */
const lock = "7406571";

/**
 * Brings a database up to date. Safe when many processes start at once: one migrates, the others wait and find nothing to
 * do. Works through a pooler that keeps no sessions, too. Throws when an applied file was edited, or when the database comes from a newer program
 * with a breaking migration. Returns how many migrations ran.
 */
export async function migrate(databaseUrl: string, migrations: readonly Migration[]): Promise<number> {
  let session: Session;
  try {
    session = await openSession(databaseUrl, "migrate");
  } catch (error) {
    throw connectionFault(error, databaseUrl) ?? error;
  }
  try {
    return await holdingLock({ url: databaseUrl, lock, isAsked: true }, async () => {
      await inside(session, async (client) => {
        await client.query(`create table if not exists schema_migrations (
          scope text not null, number integer not null, name text not null, checksum text not null, is_breaking boolean not null,
          applied_at timestamptz not null default now(), primary key (scope, number))`);
      });
      return await applyMissing(session, migrations);
    });
  } finally {
    await session.client.end();
  }
}

async function inside<T>({ client, begin }: Session, work: (client: pg.Client) => Promise<T>): Promise<T> {
  await client.query(begin);
  try {
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    // After a lost connection the server has rolled back by itself.
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

interface Applied {
  readonly scope: string;
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  readonly is_breaking: boolean;
}

async function applyMissing(session: Session, migrations: readonly Migration[]): Promise<number> {
  const applied = await inside(session, async (client) => {
    const text = "select scope, number, name, checksum, is_breaking from schema_migrations";
    return (await client.query<Applied>(text)).rows;
  });
  requireOwnDatabase(applied, migrations);
  const known = new Map(migrations.map((migration) => [`${migration.scope}/${migration.number}`, migration]));
  for (const row of applied) {
    const migration = known.get(`${row.scope}/${row.number}`);
    if (migration && migration.checksum !== row.checksum) {
      throw new StartError(
        `Migration ${row.scope}/${row.number} (${row.name}) was edited after it ran. Put the file back and write a new one.`,
      );
    }
    if (!migration && row.is_breaking) {
      throw new StartError(
        `The database was changed by a newer Stoa (migration ${row.scope}/${row.number}, ${row.name}) that this version cannot work with. Start the newer version.`,
      );
    }
  }
  const done = new Set(applied.map((row) => `${row.scope}/${row.number}`));
  const missing = migrations.filter((migration) => !done.has(`${migration.scope}/${migration.number}`));
  for (const migration of missing)
    await (migration.open ? applyOpen(session, migration, migration.open) : applyOne(session, migration));
  return missing.length;
}

/** Two services on one set of tables would take each other's events and jobs. */
function requireOwnDatabase(applied: readonly { scope: string }[], migrations: readonly Migration[]): void {
  const ours = new Set(migrations.map(({ scope }) => scope));
  const [own] = [...ours].filter((scope) => scope !== "platform");
  const other = applied.find(({ scope }) => !ours.has(scope));
  if (own === undefined || !other) return;
  throw new StartError(
    `The database of ${own} already holds the tables of ${other.scope}: two services may not share tables. Give each a database of its own, such as ${own.toUpperCase()}_DATABASE_URL=postgres://…/${own}_db.`,
  );
}

async function applyOne(session: Session, migration: Migration): Promise<void> {
  const { scope, number, name, sql } = migration;
  try {
    await inside(session, async (client) => {
      await client.query("set local lock_timeout = '3s'");
      await note(client, migration);
      await client.query(sql);
    });
  } catch (error) {
    throw new Error(
      `Migration ${scope}/${number} (${name}) failed and was rolled back: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** Outside a transaction nothing rolls back: it is noted once all of it is done, and run again from its beginning until then. */
async function applyOpen(
  session: Session,
  migration: Migration,
  statements: readonly string[],
): Promise<void> {
  const { scope, number, name } = migration;
  try {
    await runOpen(session, statements);
    await inside(session, async (client) => await note(client, migration));
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new Error(
      `Migration ${scope}/${number} (${name}) stopped; what it had done stays, and the next start does the rest: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

async function note(client: pg.Client, { scope, number, name, sql, checksum }: Migration): Promise<void> {
  await client.query(
    "insert into schema_migrations (scope, number, name, checksum, is_breaking) values ($1, $2, $3, $4, $5)",
    [scope, number, name, checksum, /^-- breaking:/m.test(sql)],
  );
}
