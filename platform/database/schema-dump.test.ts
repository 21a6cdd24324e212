import assert from "node:assert/strict";
import { after, it } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { openDatabase } from "./db.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { dumpSchema } from "./schema-dump.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";

const url = await testDatabaseUrl("schema");
const db = openDatabase({ url, name: "schema", connectionsMax: 1, clock: systemClock, log: silentLog });
after(async () => await db.close());

const base = [
  "create table shelves (id uuid primary key, name text not null default 'none' check (name <> ''))",
  "create table things (id bigint generated always as identity primary key, shelf uuid references shelves, size integer)",
  "create index things_by_shelf on things (shelf) where size > 0",
];
for (const text of base) await db.run(text);

it("the same schema gives the same text, in which everything is named", async () => {
  const text = await dumpSchema(db);
  assert.equal(text, await dumpSchema(db));
  assert.ok(
    text.includes("create table shelves (\n  id uuid not null,\n  name text default 'none'::text not null,"),
  );
  assert.match(text, /constraint shelves_name_check CHECK/);
  assert.match(text, /id bigint generated always as identity not null/);
  assert.match(text, /FOREIGN KEY \(shelf\) REFERENCES shelves\(id\)/);
  assert.match(text, /CREATE INDEX things_by_shelf ON public.things .* WHERE \(size > 0\)/);
  assert.doesNotMatch(text, /things_pkey ON/, "the index of a constraint is part of the constraint");
});

const changes: [string, string, string][] = [
  ["a column", "alter table things add column note text", "alter table things drop column note"],
  ["a type", "alter table things alter size type bigint", "alter table things alter size type integer"],
  ["a default", "alter table things alter size set default 1", "alter table things alter size drop default"],
  ["a not null", "alter table things alter size set not null", "alter table things alter size drop not null"],
  [
    "a check",
    "alter table things add constraint large check (size > 1)",
    "alter table things drop constraint large",
  ],
  [
    "a unique key",
    "alter table things add constraint once unique (size)",
    "alter table things drop constraint once",
  ],
  ["an index", "create index things_by_size on things (size)", "drop index things_by_size"],
  ["a function", "create function one() returns integer language sql as 'select 1'", "drop function one()"],
  ["an enum", "create type mood as enum ('fine', 'sad')", "drop type mood"],
  ["a sequence", "create sequence numbers start 5", "drop sequence numbers"],
  ["a view", "create view sizes as select size from things", "drop view sizes"],
];

for (const [what, change, undo] of changes) {
  it(`${what} that is added shows`, async () => {
    const text = await dumpSchema(db);
    await db.run(change);
    assert.notEqual(await dumpSchema(db), text);
    await db.run(undo);
    assert.equal(await dumpSchema(db), text);
  });
}

it("a trigger that is added shows", async () => {
  await db.run("create function stay() returns trigger language plpgsql as 'begin return old; end'");
  const text = await dumpSchema(db);
  await db.run("create trigger stays before delete on things for each row execute function stay()");
  assert.match((await dumpSchema(db)).slice(text.length - 2), /CREATE TRIGGER stays BEFORE DELETE/);
});
