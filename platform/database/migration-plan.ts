// What migrations that a database lacks will do to it, told beforehand: on the data that is there, with the locks and about the time.
import type pg from "pg";
import { connectionFault } from "./connection.ts";
import type { Migration } from "./migrate.ts";
import { openSession } from "./session.ts";
import {
  effectsOf,
  statementsOf,
  whoWaits,
  type Effect,
  type TableLock,
  type TableWork,
} from "./statement-effects.ts";

/** What a statement does to one table that holds data today. */
export interface PlannedEffect {
  /** Its beginning, on one line. */
  readonly statement: string;
  readonly table: string | undefined;
  readonly lock: TableLock | undefined;
  readonly work: TableWork;
  readonly waits: "nobody" | "writes" | "everybody";
  /** As the server's statistics have it; undefined where the table is not known beforehand. */
  readonly rows: number | undefined;
  readonly bytes: number | undefined;
  /** About how long its own work takes, in seconds; undefined where that cannot be known. */
  readonly seconds: number | undefined;
  /** How long the lock is held, in seconds: in a transaction up to its end, whatever the statements behind it do. */
  readonly heldSeconds: number | undefined;
}

export interface PlannedMigration {
  readonly scope: string;
  readonly number: number;
  readonly name: string;
  /** Runs outside a transaction, so that nobody waits for it. */
  readonly isOpen: boolean;
  /** The release before cannot work with what it leaves. */
  readonly isBreaking: boolean;
  /** Of tables that are there already; what it makes is nobody's yet. */
  readonly effects: readonly PlannedEffect[];
}

export interface MigrationPlan {
  /** Nothing was ever migrated here. */
  readonly isNew: boolean;
  /** Migrations of a newer release, "scope/number name"; "(breaking)" behind those that this release cannot work with. */
  readonly future: readonly string[];
  readonly migrations: readonly PlannedMigration[];
}

/**
 * For each second of a server of two processors with its data in memory: bytes read, bytes written anew, rows put into an index, rows
 * changed. Measured with PostgreSQL 18 on a table of a million rows beside other work (docs/decisions/0081-plan-of-migrations.md).
 */
const perSecond = { scan: 400e6, rewrite: 30e6, index: 400e3, rows: 25e3 };

interface TableFacts {
  readonly rows: number;
  readonly bytes: number;
}

/** Looks and changes nothing. Throws a StartError when the database cannot be reached. */
export async function planMigrations(
  databaseUrl: string,
  migrations: readonly Migration[],
): Promise<MigrationPlan> {
  try {
    const { client } = await openSession(databaseUrl, "plan");
    try {
      return await planFor(client, migrations);
    } finally {
      await client.end();
    }
  } catch (error) {
    throw connectionFault(error, databaseUrl) ?? error;
  }
}

async function planFor(client: pg.Client, migrations: readonly Migration[]): Promise<MigrationPlan> {
  const applied = await appliedTo(client);
  const known = new Set(migrations.map(labelOf));
  const facts = await tableFacts(client);
  const made = new Set<string>();
  const planned: PlannedMigration[] = [];
  for (const migration of migrations.filter((one) => !applied.has(labelOf(one)))) {
    const { scope, number, name, sql, open } = migration;
    const effects = statementsOf(sql).flatMap(effectsOf);
    for (const { makes, table } of effects) if (makes && table !== undefined) made.add(table);
    const isOpen = open !== undefined;
    const found = effects
      .filter(({ table, work }) => (table === undefined ? work === "unknown" : !made.has(table)))
      .map((effect) => withFacts(effect, effect.table === undefined ? undefined : facts.get(effect.table)));
    planned.push({
      scope,
      number,
      name,
      isOpen,
      isBreaking: /^-- breaking:/m.test(sql),
      effects: strongest(isOpen ? found : heldToTheEnd(found)),
    });
  }
  const future = [...applied]
    .filter(([label]) => !known.has(label))
    .map(([label, name]) => `${label} ${name}`);
  return { isNew: applied.size === 0, future, migrations: planned };
}

function labelOf({ scope, number }: Migration): string {
  return `${scope}/${number}`;
}

async function appliedTo(client: pg.Client): Promise<Map<string, string>> {
  const there = await client.query<{ isThere: boolean }>(
    `select to_regclass('schema_migrations') is not null as "isThere"`,
  );
  if (there.rows[0]?.isThere !== true) return new Map();
  const { rows } = await client.query<{ label: string; name: string }>(
    `select scope || '/' || number as label, name || case when is_breaking then ' (breaking)' else '' end as name
     from schema_migrations order by scope, number`,
  );
  return new Map(rows.map(({ label, name }) => [label, name]));
}

async function tableFacts(client: pg.Client): Promise<Map<string, TableFacts>> {
  const { rows } = await client.query<TableFacts & { name: string }>(
    `select c.oid::regclass::text as name, greatest(c.reltuples, s.n_live_tup, 0)::float8 as rows,
       pg_table_size(c.oid)::float8 as bytes
     from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
     where c.relkind = 'r' and not starts_with(c.relnamespace::regnamespace::text, 'pg_')`,
  );
  return new Map(rows.map(({ name, rows: count, bytes }) => [name, { rows: count, bytes }]));
}

function withFacts({ statement, table, lock, work }: Effect, facts: TableFacts | undefined): PlannedEffect {
  const seconds = secondsFor(work, facts);
  return {
    statement: statement.replaceAll(/\s+/g, " ").slice(0, 120),
    table,
    lock,
    work,
    waits: whoWaits(lock),
    rows: facts?.rows,
    bytes: facts?.bytes,
    seconds,
    heldSeconds: seconds,
  };
}

function heldToTheEnd(effects: readonly PlannedEffect[]): PlannedEffect[] {
  return effects.map((effect, index) => ({
    ...effect,
    heldSeconds: effects
      .slice(index)
      .reduce<number | undefined>(
        (sum, { seconds }) => (sum === undefined || seconds === undefined ? undefined : sum + seconds),
        0,
      ),
  }));
}

/** What one statement does to one table in the same way is told once. */
function strongest(effects: readonly PlannedEffect[]): PlannedEffect[] {
  const isSame = (a: PlannedEffect, b: PlannedEffect) =>
    a.statement === b.statement && a.table === b.table && a.work === b.work && a.waits === b.waits;
  return effects.filter((effect, index) => effects.findIndex((other) => isSame(effect, other)) === index);
}

function secondsFor(work: TableWork, facts: TableFacts | undefined): number | undefined {
  if (work === "moment") return 0;
  if (work === "unknown" || !facts) return undefined;
  const { rows, bytes } = facts;
  return work === "scan" || work === "rewrite" ? bytes / perSecond[work] : rows / perSecond[work];
}
