import assert from "node:assert/strict";
import { after, it } from "node:test";
import { inspect } from "node:util";
import { migrate, platformMigrations, readMigrations } from "#platform/database/migrate.ts";
import { openDatabase } from "#platform/database/db.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testCall } from "#platform/testing/call.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { recordActivity, type Activity } from "./activity.ts";
import { sealNext, trimNext } from "./activity-jobs.ts";
import { readChain } from "./activity-store.ts";
import { chainFaults, contentSql, type ChainRow } from "./chain.ts";
import { applyErasures, eraseActivityOf, exportErasures } from "./erasures.ts";

const url = await testDatabaseUrl("activity");
await migrate(url, await readMigrations("platform", platformMigrations));
const db = openDatabase({ url, name: "activity", connectionsMax: 5, clock: systemClock, log: silentLog });
after(async () => await db.close());

const admin = {
  ...testCall({ userId: "a1", role: "admin", clientAddress: "192.0.2.7" }),
  userAgent: "test/1",
};
const deed = (given: Partial<Activity> = {}): Activity => ({
  action: "order.refund",
  subject: { kind: "order", id: "o1" },
  about: "b1",
  reason: "broken on arrival",
  after: { amountMinor: 1_250n },
  personal: { email: "buyer@example.com" },
  call: admin,
  ...given,
});
const record = async (given: Partial<Activity> = {}) =>
  await db.inTransaction(async (tx) => await recordActivity(tx, deed(given)));
const sealAll = async () => {
  while ((await sealNext(db, 100)) > 0);
};
const values = async () =>
  (await db.rows<{ name: string }>("select name from activity_personal order by name")).map(
    ({ name }) => name,
  );

async function faults(): Promise<string[]> {
  const { firstPosition, anchor } = await readChain(db);
  const rows = await db.rows<ChainRow>(
    `select position::float8 as position, encode(hash, 'hex') as hash, ${contentSql} as content
     from activity where position is not null order by position`,
  );
  return chainFaults({ position: firstPosition - 1, hash: anchor }, rows);
}

it("what is done is there with who, from where and why, if and only if its transaction commits", async () => {
  await record();
  const undone = db.inTransaction(async (tx) => {
    await recordActivity(tx, deed());
    throw new Error("undone");
  });
  await assert.rejects(undone, /undone/);
  const rows = await db.rows<{ actor: string; actorKind: string; after: object; requestId: string }>(
    `select actor, actor_kind as "actorKind", after, request_id as "requestId" from activity`,
  );
  const who = { actor: "a1", actorKind: "admin" };
  assert.deepEqual(rows, [{ ...who, after: { amountMinor: 1250 }, requestId: admin.requestId }]);
  assert.deepEqual(await values(), ["address", "agent", "email", "reason"]);
});

it("rows of many writers at once get one chain without a gap, whoever seals", async () => {
  await Promise.all(Array.from({ length: 20 }, async (_, index) => await record({ reason: `no ${index}` })));
  await Promise.all([sealNext(db, 7), sealNext(db, 7), sealNext(db, 7)]);
  await sealAll();
  const chain = await readChain(db);
  assert.deepEqual([chain.firstPosition, chain.position, chain.unsealed], [1, 21, 0]);
  assert.deepEqual(await faults(), []);
});

it("the database refuses every change of what was done", async () => {
  for (const text of [
    "update activity set actor = 'somebody else' where position = 3",
    "update activity set position = 99 where position = 3",
    "delete from activity where position = 3",
    "truncate activity cascade",
    "update activity_personal set value = 'other'",
    "delete from activity_personal",
  ])
    await assert.rejects(db.run(text), (error: Error) => /append-only/.test(inspect(error)), text);
});

it("an erased person's values are gone, the chain holds, and a restored database forgets them again", async () => {
  await db.inTransaction(async (tx) => await eraseActivityOf(tx, "b1", { call: admin }));
  const left = new Set(await values());
  assert.deepEqual([...left], ["address", "agent"]);
  await sealAll();
  assert.deepEqual(await faults(), []);
  const [erased, ...others] = await exportErasures(db);
  assert.deepEqual([erased?.person, others], ["b1", []]);
  // As if it had been restored to a time before the erasure of somebody else.
  assert.equal(await applyErasures(db, [{ person: "b1" }, { person: "a1" }]), 1);
  assert.deepEqual(await values(), []);
  assert.equal(await applyErasures(db, [{ person: "b1" }, { person: "a1" }]), 0);
  await sealAll();
  assert.deepEqual(await faults(), []);
});

it("old entries go from the beginning only, and what is left is still a chain", async () => {
  assert.equal(await trimNext(db, 1, 10), 0);
  const { position } = await readChain(db);
  // Zero days: everything sealed is old enough, but the newest row stays.
  assert.equal(await trimNext(db, 0, 10), 10);
  assert.equal((await readChain(db)).firstPosition, 11);
  while ((await trimNext(db, 0, 10)) > 0);
  await sealAll();
  const chain = await readChain(db);
  assert.equal(chain.firstPosition, position);
  assert.deepEqual(await faults(), []);
});
