import assert from "node:assert/strict";
import { test } from "node:test";
import type { Migration } from "#platform/database/migrate.ts";
import { readMigrations } from "#platform/database/migrate.ts";
import { migrationFaults, olderThanTheRules } from "./migration-rules.ts";
import { schemaFolders } from "./schema-folders.ts";

function faultsOf(sql: string): string[] {
  const migration: Migration = { scope: "order", number: 9, name: "try", sql, checksum: "", open: undefined };
  return [...migrationFaults([migration]).values()].flat();
}

test("what would stop a running shop is refused, with a way that does not", () => {
  const cases = [
    ["alter table orders alter column total type bigint", /writes the table anew/],
    ["alter table orders add column key uuid not null default gen_random_uuid()", /writes the table anew/],
    ["alter table orders add constraint positive check (total > 0)", /"not valid"/],
    ["alter table orders alter column email set not null", /"not valid"/],
    ["create index on orders (email)", /concurrently/],
    ["alter table orders add unique (number)", /concurrently/],
    ["update orders set note = ''", /in batches/],
    ["do $$ begin update orders set note = ''; end $$", /nobody can tell/],
    ["alter table orders drop column note", /contract:/],
    ["alter table orders rename column note to remark", /contract:/],
    ["drop table order_history", /contract:/],
    ["-- accepted: small\ntruncate orders", /contract:/],
  ] as const;
  for (const [sql, expected] of cases) {
    const faults = faultsOf(sql);
    assert.equal(faults.length, 1, sql);
    assert.match(faults[0] ?? "", expected);
  }
});

test("what nobody waits for passes, and so does what a file makes itself or accepts with a reason", () => {
  for (const sql of [
    "alter table orders add column note text not null default ''",
    "alter table orders add constraint positive check (total > 0) not valid",
    "alter table orders validate constraint positive",
    "-- no transaction: orders are written all the time\ncreate index concurrently if not exists a on orders (email)",
    "create table notes (id integer); create index on notes (id); insert into notes values (1)",
    "-- accepted: one row for each category\nupdate categories set name_key = lower(name)",
    "-- contract: nothing reads it since 1.4\nalter table orders drop column note",
  ])
    assert.deepEqual(faultsOf(sql), [], sql);
});

test("no file is let off that keeps the rules", async () => {
  const found = new Set<string>();
  for (const { scope, migrations } of await schemaFolders())
    for (const label of migrationFaults(await readMigrations(scope, migrations)).keys()) found.add(label);
  assert.deepEqual(
    [...olderThanTheRules].filter((label) => !found.has(label)),
    [],
  );
});
