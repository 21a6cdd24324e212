import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { planMigrations } from "./migration-plan.ts";

const files = {
  "0001-create-things.sql": "create table things (id integer primary key, name text);\n",
  "0002-fill-things.sql":
    "insert into things select i, 'n' || i from generate_series(1, 30000) i;\nanalyze things;\n",
  "0003-price-things.sql":
    "create table prices (id integer primary key);\nalter table prices add column at timestamptz not null;\nalter table things add column at timestamptz;\nalter table things alter column id type bigint;\n",
  "0004-find-things.sql":
    "-- no transaction: things are written all the time\ncreate index concurrently if not exists things_name on things (name);\n",
  "0005-end-names.sql": "-- breaking: names are gone\nalter table things drop column name;\n",
};

const folder = await mkdtemp(join(tmpdir(), "stoa-plan-"));
after(async () => await rm(folder, { recursive: true }));
for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql);
const migrations = await readMigrations("things", pathToFileURL(`${folder}/`));

it("a plan tells the lock, the size and the time of what is missing, and changes nothing", async () => {
  const url = await testDatabaseUrl("plan");
  await migrate(url, migrations.slice(0, 2));
  const { isNew, future, migrations: planned } = await planMigrations(url, migrations);
  assert.equal(isNew, false);
  assert.deepEqual(future, []);
  assert.deepEqual(
    planned.map(({ number, isOpen, isBreaking }) => ({ number, isOpen, isBreaking })),
    [
      { number: 3, isOpen: false, isBreaking: false },
      { number: 4, isOpen: true, isBreaking: false },
      { number: 5, isOpen: false, isBreaking: true },
    ],
  );
  const [add, retype] = planned[0]?.effects ?? [];
  assert.equal(planned[0]?.effects.length, 2, "what is done to a table it makes concerns nobody");
  assert.equal(add?.seconds, 0);
  assert.equal(add.heldSeconds, retype?.seconds, "a lock is held to the end of the transaction");
  assert.deepEqual(
    { table: retype?.table, work: retype?.work, waits: retype?.waits, rows: retype?.rows },
    { table: "things", work: "rewrite", waits: "everybody", rows: 30_000 },
  );
  assert.ok((retype?.bytes ?? 0) > 1_000_000 && (retype?.seconds ?? 0) > 0.03);
  assert.equal(planned[1]?.effects[0]?.waits, "nobody");
  assert.equal((await planMigrations(url, migrations)).migrations.length, 3);
});

it("an empty database and one of a newer release are told apart", async () => {
  const url = await testDatabaseUrl("plan");
  const before = await planMigrations(url, migrations);
  assert.deepEqual([before.isNew, before.migrations.flatMap(({ effects }) => effects)], [true, []]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("select to_regclass('schema_migrations') as made");
  await client.end();
  assert.equal(rows[0]?.made, null);
  await migrate(url, migrations);
  const { future } = await planMigrations(url, migrations.slice(0, 3));
  assert.deepEqual(future, ["things/4 find-things", "things/5 end-names (breaking)"]);
});
