// Statements about a whole database: what is in it, whatever service it belongs to.
import type { Queryable } from "#platform/database/db.ts";

const ofPeople = `n.nspname not in ('pg_catalog', 'information_schema', 'stoa_moment') and n.nspname not like 'pg\\_%'`;

/** How many rows each table has, the kit's own among them. */
export async function countRows(db: Queryable): Promise<Record<string, number>> {
  const tables = await db.rows<{ name: string; quoted: string }>(
    `select case n.nspname when 'public' then c.relname else n.nspname || '.' || c.relname end as name, format('%I.%I', n.nspname, c.relname) as quoted
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and ${ofPeople}
     order by 1`,
  );
  const counts: Record<string, number> = {};
  for (const { name, quoted } of tables) {
    const row = await db.row<{ rows: string }>(`select count(*) as rows from ${quoted}`);
    counts[name] = Number(row?.rows ?? 0);
  }
  return counts;
}

/** Which migrations ran, in their order. */
export async function listMigrations(db: Queryable): Promise<string[]> {
  const rows = await db.rows<{ name: string }>(
    "select scope || '/' || number || '-' || name as name from schema_migrations order by scope, number",
  );
  return rows.map(({ name }) => name);
}

export async function findNewestOrder(db: Queryable): Promise<{ number: string; placedAt: string } | null> {
  const row = await db.row<{ number: string; at: Date }>(
    "select order_number as number, created_at as at from orders order by id desc limit 1",
  );
  return row ? { number: row.number, placedAt: row.at.toISOString() } : null;
}

/** The databases of the server that people use. */
export async function listDatabases(db: Queryable): Promise<string[]> {
  const rows = await db.rows<{ name: string }>(
    "select datname as name from pg_database where datallowconn and not datistemplate and datname <> 'postgres' order by 1",
  );
  return rows.map(({ name }) => name);
}

/**
 * Lets the clock of a database stand still for whoever has the search path below: rules ask how long something has waited, and a copy is judged as
 * of its moment, not as of the day on which somebody looks.
 */
export async function stopItsClock(db: Queryable, at: string): Promise<void> {
  await db.run("create schema if not exists stoa_moment");
  await db.run("grant usage on schema stoa_moment to public");
  await db.run(
    `create or replace function stoa_moment.now() returns timestamptz language sql stable as $$ select '${new Date(at).toISOString()}'::timestamptz $$`,
  );
}

export const stoppedClockPath = "-c search_path=stoa_moment,pg_catalog,public";

export async function letItsClockGo(db: Queryable): Promise<void> {
  await db.run("drop schema if exists stoa_moment cascade");
}
