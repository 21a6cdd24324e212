import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { schemaFolders } from "../../tools/schema-folders.ts";
import { readMigrations } from "#platform/database/migrate.ts";
import {
  effectsOf,
  statementsOf,
  whoWaits,
  type Effect,
  type TableLock,
} from "#platform/database/statement-effects.ts";

const strength: readonly TableLock[] = [
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "AccessExclusiveLock",
];

/** What the server did to a table that was there before: the strongest lock, and whether it was written anew or read. */
interface Seen {
  readonly lock: TableLock | undefined;
  readonly isRewritten: boolean;
  readonly isScanned: boolean;
}

interface Table {
  readonly id: number;
  readonly file: number;
  readonly scans: string;
}

const tablesNow = `select c.oid::regclass::text as name, c.oid::int as id, c.relfilenode::int as file,
    coalesce(pg_stat_get_xact_numscans(c.oid), 0)::text as scans
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')`;

async function tablesOf(client: pg.Client): Promise<Map<string, Table>> {
  const { rows } = await client.query<Table & { name: string }>(tablesNow);
  return new Map(rows.map((row) => [row.name, row]));
}

/** Runs a statement in a transaction of its own, which stays. */
async function watch(client: pg.Client, statement: string): Promise<Map<string, Seen>> {
  await client.query("begin");
  try {
    const before = await tablesOf(client);
    await client.query(statement);
    const after = await tablesOf(client);
    const { rows: locks } = await client.query<{ id: number; mode: TableLock }>(
      "select relation::int as id, mode from pg_locks where pid = pg_backend_pid() and relation is not null",
    );
    await client.query("commit");
    return new Map(
      [...before].map(([table, was]) => {
        const modes = locks.filter(({ id }) => id === was.id).map(({ mode }) => strength.indexOf(mode));
        const now = [...after.values()].find(({ id }) => id === was.id);
        const seen = {
          lock: strength[Math.max(...modes)],
          isRewritten: now !== undefined && now.file !== was.file,
          isScanned: now !== undefined && Number(now.scans) > Number(was.scans),
        };
        return [table, seen];
      }),
    );
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** What the text promises may be more than what the server does, never less. */
function promised(effects: readonly Effect[], table: string): { lock: number; work: Set<string> } {
  const own = effects.filter((effect) => effect.table === undefined || effect.table === table);
  return {
    // Locks that nobody who reads or writes waits for need no word.
    lock: Math.max(
      strength.indexOf("ShareUpdateExclusiveLock"),
      ...own.map(({ lock }) => (lock ? strength.indexOf(lock) : -1)),
    ),
    work: new Set(own.map(({ work }) => work)),
  };
}

function faultsOf(statement: string, seen: ReadonlyMap<string, Seen>): string[] {
  const effects = effectsOf(statement);
  const isUnknown = effects.some(({ work }) => work === "unknown");
  return [...seen].flatMap(([table, { lock, isRewritten, isScanned }]) => {
    const said = promised(effects, table);
    const faults: string[] = [];
    if (!isUnknown && lock && strength.indexOf(lock) > said.lock) faults.push(`takes ${lock} on ${table}`);
    if (isRewritten && !said.work.has("rewrite")) faults.push(`writes ${table} anew`);
    const mayScan = ["scan", "rewrite", "index", "rows", "unknown"].some((work) => said.work.has(work));
    if (isScanned && lock && whoWaits(lock) !== "nobody" && !mayScan) faults.push(`reads all of ${table}`);
    return faults.map((fault) => `${fault}: ${statement}`);
  });
}

async function open(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: await testDatabaseUrl("effects") });
  await client.connect();
  return client;
}

test("every statement of every migration does to the tables what is said of it, as the server's locks show", async () => {
  for (const { scope, migrations } of await schemaFolders()) {
    const client = await open();
    try {
      const ofPlatform =
        scope === "platform"
          ? []
          : await readMigrations("platform", (await schemaFolders())[0]?.migrations as URL);
      const own = await readMigrations(scope, migrations);
      await client.query("create table schema_migrations (scope text, number integer, name text)");
      for (const { sql } of ofPlatform) await client.query(sql);
      for (const { sql, name } of own)
        for (const statement of statementsOf(sql)) {
          if (/\bconcurrently\b/i.test(statement)) await client.query(statement);
          else assert.deepEqual(faultsOf(statement, await watch(client, statement)), [], `${scope} ${name}`);
        }
    } finally {
      await client.end();
    }
  }
});

const cases: readonly (readonly [sql: string, lock: TableLock, work: string])[] = [
  ["ALTER TABLE ONLY goods ALTER COLUMN price TYPE bigint", "AccessExclusiveLock", "rewrite"],
  ["alter table goods add column a text", "AccessExclusiveLock", "moment"],
  ["alter table goods add b text default 'x, (y)'", "AccessExclusiveLock", "moment"],
  ["alter table goods add column c timestamptz not null default now()", "AccessExclusiveLock", "moment"],
  ["alter table goods add column d uuid default gen_random_uuid()", "AccessExclusiveLock", "rewrite"],
  ["alter table goods add column e bigserial", "AccessExclusiveLock", "rewrite"],
  [
    "alter table goods add column f integer generated always as (price * 2) stored",
    "AccessExclusiveLock",
    "rewrite",
  ],
  ["alter table goods add column g integer check (g > 0)", "AccessExclusiveLock", "scan"],
  ["alter table goods alter price set not null", "AccessExclusiveLock", "scan"],
  ["alter table goods add constraint dear check (price < 1000)", "AccessExclusiveLock", "scan"],
  ["alter table goods add constraint cheap check (price < 1001) not valid", "AccessExclusiveLock", "moment"],
  ["alter table goods validate constraint cheap", "ShareUpdateExclusiveLock", "scan"],
  ["alter table goods add unique (name)", "AccessExclusiveLock", "index"],
  ["alter table goods rename column name to title", "AccessExclusiveLock", "moment"],
  ["alter table goods drop column title, alter column price set default 1", "AccessExclusiveLock", "moment"],
  ["create unique index on goods (price, id)", "ShareLock", "index"],
  ['create index "by; Name" on "odd; Name" (good)', "ShareLock", "index"],
  ["update goods set price = price + 1", "RowExclusiveLock", "rows"],
  ["delete from only goods where id = 1", "RowExclusiveLock", "rows"],
];

test("statements that stop a shop are known for what they are, as the server's locks show", async () => {
  const client = await open();
  try {
    await client.query(`create table goods (id integer primary key, name text not null, price integer);
      create table "odd; Name" (id integer primary key, good integer);
      insert into goods select i, 'g' || i, i from generate_series(1, 500) i`);
    for (const [sql, lock, work] of cases) {
      const [first] = effectsOf(sql);
      assert.deepEqual({ lock: first?.lock, work: first?.work }, { lock, work }, sql);
      const seen = await watch(client, sql);
      assert.deepEqual(faultsOf(sql, seen), []);
      const own = seen.get(first?.table ?? "");
      assert.equal(own?.lock, lock, sql);
      assert.equal(own.isRewritten, work === "rewrite", sql);
    }
    const key = 'alter table "odd; Name" add constraint of_good foreign key (good) references goods (id)';
    assert.deepEqual(faultsOf(key, await watch(client, key)), []);
    assert.deepEqual(
      effectsOf(key).map(({ table, lock }) => [table, lock]),
      [
        ['"odd; Name"', "ShareRowExclusiveLock"],
        ["goods", "ShareRowExclusiveLock"],
      ],
    );
  } finally {
    await client.end();
  }
});

test("comments, texts and bodies do not end a statement, and what cannot be known is said to be unknown", () => {
  const sql = `-- one; two
    create function f() returns void language sql as $body$ select 1; select 2 $body$; /* ; */ select ';' ;
    do $$ begin perform 1; end $$`;
  const statements = statementsOf(sql);
  assert.equal(statements.length, 3);
  assert.deepEqual(effectsOf(statements[0] ?? ""), []);
  assert.deepEqual(
    effectsOf(statements[2] ?? "").map(({ work }) => work),
    ["unknown"],
  );
});
