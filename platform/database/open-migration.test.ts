import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { pathToFileURL } from "node:url";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openDatabase, type Database } from "./db.ts";
import { migrate, readMigrations, type Migration } from "./migrate.ts";
import { schemaOfMigrations } from "./schema-dump.ts";

const table = "create table things (id integer generated always as identity primary key, name text);\n";
const index = `-- no transaction: an index on a busy table
create index concurrently if not exists things_name on things (name);
`;

async function folderOf(...files: readonly string[]): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-open-"));
  after(async () => await rm(folder, { recursive: true }));
  for (const [at, sql] of files.entries()) await writeFile(join(folder, `000${at + 1}-step.sql`), sql);
  return pathToFileURL(`${folder}/`);
}

const readFiles = async (...files: readonly string[]) =>
  await readMigrations("shop", await folderOf(...files));

/** A database with the table, and somebody in the middle of a transaction on it: an index has to wait for them. */
async function busyTable(): Promise<{ url: string; db: Database; leave: () => Promise<void> }> {
  const url = await testDatabaseUrl("open_migration");
  await migrate(url, await readFiles(table));
  const db = openDatabase({ url, name: "test", connectionsMax: 5, clock: systemClock, log: silentLog });
  after(async () => await db.close());
  const done = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const busy = db.inTransaction(async (tx) => {
    await tx.run("insert into things (name) values ('uncommitted')");
    inside.resolve();
    await done.promise;
  });
  await inside.promise;
  return { url, db, leave: async () => (done.resolve(), await busy) };
}

async function untilItWaits(db: Database): Promise<void> {
  await eventually("the index waits for the transaction", async () => {
    const [row] = await db.rows(
      `select 1 from pg_stat_activity where datname = current_database() and application_name = 'stoa-migrate'
         and query like 'create index concurrently%' and wait_event_type = 'Lock'`,
    );
    return row !== undefined;
  });
}

async function isValid(db: Database): Promise<boolean | undefined> {
  const sql = `select indisvalid as "isValid" from pg_index where indexrelid = to_regclass('things_name')`;
  return (await db.row<{ isValid: boolean }>(sql))?.isValid;
}

async function appliedCount(db: Database): Promise<number> {
  return (await db.rows("select 1 from schema_migrations")).length;
}

it("an index is made while others write, is noted once it is there, and is part of the schema", async () => {
  const { url, db, leave } = await busyTable();
  const migrating = migrate(url, await readFiles(table, index));
  await untilItWaits(db);
  assert.equal(await appliedCount(db), 1);
  for (let count = 0; count < 20; count += 1) await db.run("insert into things (name) values ('meanwhile')");
  await leave();
  assert.equal(await migrating, 1);
  assert.deepEqual([await isValid(db), await appliedCount(db)], [true, 2]);
  assert.equal((await db.rows("select 1 from things where name = 'meanwhile'")).length, 20);
  const schema = await schemaOfMigrations(
    "shop",
    await folderOf(table, index),
    await testDatabaseUrl("open_schema"),
  );
  assert.match(schema, /CREATE INDEX things_name ON public\.things USING btree \(name\)/);
});

it("an index that a crash left half made is dropped and made again by the next start", async () => {
  const { url, db, leave } = await busyTable();
  const migrations = await readFiles(table, index);
  const killed = migrate(url, migrations).catch((error: unknown) => error);
  await untilItWaits(db);
  await db.run(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'stoa-migrate'",
  );
  assert.match(String(await killed), /step\) stopped; what it had done stays/);
  await leave();
  assert.deepEqual([await isValid(db), await appliedCount(db)], [false, 1]);
  assert.equal(await migrate(url, migrations), 1);
  assert.deepEqual([await isValid(db), await appliedCount(db)], [true, 2]);
  assert.equal(await migrate(url, migrations), 0);
});

it("five processes that start meanwhile wait without being in the way, and find nothing left to do", async () => {
  const { url, db, leave } = await busyTable();
  const migrations = await readFiles(table, index);
  const first = migrate(url, migrations);
  await untilItWaits(db);
  const others = Array.from({ length: 5 }, async () => await migrate(url, migrations));
  await eventually("the others ask for their turn", async () => {
    const rows = await db.rows(
      "select 1 from pg_stat_activity where datname = current_database() and application_name = 'stoa-lock'",
    );
    return rows.length >= 6;
  });
  await leave();
  assert.deepEqual(await Promise.all([first, ...others]), [1, 0, 0, 0, 0, 0]);
});

it("one that stops half-way is not noted, and goes on from its beginning", async () => {
  const { url, db, leave } = await busyTable();
  await leave();
  const steps = (last: string) => `-- no transaction: two steps
alter table things add column if not exists size integer;
create index concurrently if not exists things_name on things (name);
${last}
`;
  await assert.rejects(migrate(url, await readFiles(table, steps("select 1 / 0;"))), /division by zero/);
  assert.deepEqual([await isValid(db), await appliedCount(db)], [true, 1]);
  assert.equal(await migrate(url, await readFiles(table, steps("select 1 / 1;"))), 1);
});

it("what could not be repeated is refused before anything runs, and so is a concurrent index inside a transaction", async () => {
  const refused: [string, RegExp][] = [
    [index.replace(/^--.*\n/, ""), /Begin the file with "-- no transaction/],
    [`select 1;\n${index}`, /Begin the file with/],
    [index.replace("if not exists ", ""), /makes an index other than by/],
    [index.replace("concurrently ", ""), /makes an index other than by/],
    [`${index}begin;\n`, /opens a transaction itself/],
    [`${index}create table more (id integer);\n`, /does not say "if exists"/],
    [`${index}create function f() returns int language sql as $$ select 1; $$;\n`, /function body/],
    [index.replace(": an index on a busy table", ":"), /Begin the file with/],
  ];
  for (const [sql, message] of refused) {
    const read: Promise<Migration[]> = readFiles(table, sql);
    await assert.rejects(read, (error: Error) => {
      assert.match(error.message, /^Migration shop\/0002-step\.sql /);
      assert.match(error.message, message);
      return true;
    });
  }
});
