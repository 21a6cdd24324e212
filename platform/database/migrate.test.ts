import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { pathToFileURL } from "node:url";
import { systemClock } from "#platform/kit/clock.ts";
import { openDatabase, type Database } from "./db.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { migrate, platformMigrations, readMigrations } from "./migrate.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";

/** A folder with these files. */
async function folderOf(files: { readonly [name: string]: string }): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-migrations-"));
  after(async () => await rm(folder, { recursive: true }));
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql);
  return pathToFileURL(`${folder}/`);
}

async function openTestDatabase(): Promise<{ url: string; db: Database }> {
  const url = await testDatabaseUrl("migrate");
  const db = openDatabase({ url, name: "migrate", connectionsMax: 2, clock: systemClock, log: silentLog });
  after(async () => await db.close());
  return { url, db };
}

const first = "create table things (id integer primary key);\ninsert into things (id) values (1);\n";
const second = "alter table things add column name text;\n";
const files = { "0001-create-things.sql": first, "0002-name-things.sql": second };

async function appliedTo(db: Database): Promise<string[]> {
  const rows = await db.rows<{ label: string }>(
    "select scope || '/' || number || ' ' || name as label from schema_migrations order by scope, number",
  );
  return rows.map(({ label }) => label);
}

it("twenty instances that start at once apply each migration once", async () => {
  const { url, db } = await openTestDatabase();
  const migrations = await readMigrations("shop", await folderOf(files));
  const counts = await Promise.all(Array.from({ length: 20 }, async () => await migrate(url, migrations)));
  assert.deepEqual(
    counts.filter((count) => count > 0),
    [2],
  );
  assert.deepEqual(await db.rows("select id, name from things"), [{ id: 1, name: null }]);
  assert.deepEqual(await appliedTo(db), ["shop/1 create-things", "shop/2 name-things"]);
});

it("a database that is up to date stays as it is, and a new migration is added to it", async () => {
  const { url } = await openTestDatabase();
  assert.equal(await migrate(url, await readMigrations("shop", await folderOf({ ...files }))), 2);
  assert.equal(await migrate(url, await readMigrations("shop", await folderOf({ ...files }))), 0);
  const third = await folderOf({ ...files, "0003-drop-names.sql": "alter table things drop column name;" });
  assert.equal(await migrate(url, await readMigrations("shop", third)), 1);
});

it("a migration that was edited after it ran is refused by its name", async () => {
  const { url, db } = await openTestDatabase();
  await migrate(url, await readMigrations("shop", await folderOf(files)));
  const edited = { ...files, "0001-create-things.sql": `${first}-- edited\n` };
  await assert.rejects(
    migrate(url, await readMigrations("shop", await folderOf(edited))),
    /shop\/1 \(create-things\) was edited after it ran/,
  );
  assert.equal((await appliedTo(db)).length, 2);
});

it("a migration that fails half-way leaves nothing, and runs whole once it is mended", async () => {
  const { url, db } = await openTestDatabase();
  const broken = { ...files, "0002-name-things.sql": `${second}insert into missing values (1);\n` };
  await assert.rejects(
    migrate(url, await readMigrations("shop", await folderOf(broken))),
    /shop\/2 \(name-things\) failed and was rolled back: relation "missing" does not exist/,
  );
  assert.deepEqual(await appliedTo(db), ["shop/1 create-things"]);
  assert.deepEqual(await db.rows("select * from things"), [{ id: 1 }]);
  assert.equal(await migrate(url, await readMigrations("shop", await folderOf(files))), 1);
});

it("a migration that waits for a lock gives up before it stops the running shop", async () => {
  const { url, db } = await openTestDatabase();
  await migrate(url, await readMigrations("shop", await folderOf({ "0001-create-things.sql": first })));
  await db.inTransaction(async (reader) => {
    await reader.rows("select id from things");
    await assert.rejects(migrate(url, await readMigrations("shop", await folderOf(files))), /lock timeout/);
  });
  assert.deepEqual(await appliedTo(db), ["shop/1 create-things"]);
});

it("a database of a newer program is refused when its migration is marked as breaking", async () => {
  const { url } = await openTestDatabase();
  const newer = {
    ...files,
    "0003-drop-names.sql": "-- breaking: names are gone\nalter table things drop column name;",
  };
  await migrate(url, await readMigrations("shop", await folderOf(newer)));
  await assert.rejects(
    migrate(url, await readMigrations("shop", await folderOf(files))),
    /changed by a newer Stoa \(migration shop\/3, drop-names\).*Start the newer version/,
  );
});

it("a database of a newer program is accepted when its migration breaks nothing: old and new run side by side", async () => {
  const { url } = await openTestDatabase();
  const newer = { ...files, "0003-count-things.sql": "alter table things add column count integer;" };
  await migrate(url, await readMigrations("shop", await folderOf(newer)));
  assert.equal(await migrate(url, await readMigrations("shop", await folderOf(files))), 0);
});

const disorder: [string, { readonly [name: string]: string }][] = [
  ["skips a number", { "0001-a.sql": "", "0003-b.sql": "" }],
  ["repeats a number", { "0001-a.sql": "", "0001-b.sql": "" }],
  ["begins with 2", { "0002-a.sql": "" }],
  ["has a name without a number", { "0001-a.sql": "", "later.sql": "" }],
  ["has capital letters", { "0001-A.sql": "" }],
];

for (const [what, wrong] of disorder) {
  it(`a folder that ${what} is refused`, async () => {
    await assert.rejects(readMigrations("shop", await folderOf(wrong)), /is out of order: expected number/);
  });
}

it("the kit's own tables come first and their numbers are apart from the service's", async () => {
  const { url, db } = await openTestDatabase();
  const own = await readMigrations("platform", platformMigrations);
  await migrate(url, [...own, ...(await readMigrations("shop", await folderOf(files)))]);
  const applied = await appliedTo(db);
  assert.equal(applied.length, own.length + 2);
  assert.equal(applied[0], "platform/1 create-platform-tables");
});
