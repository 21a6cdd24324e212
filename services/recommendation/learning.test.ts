import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { learn, noLessons, type Deed, type Visit } from "./co-occurrence.ts";
import { learnDeeds, sessionOf } from "./learning.ts";
import { recommendation } from "./service.ts";
import { findPopularity, forgetOldDeeds, listPairs } from "./store.ts";
import { syntheticShelf, syntheticVisits } from "./testing/synthetic-visits.ts";

const db = await testDatabase(recommendation);
beforeEach(async () => void (await db.run("truncate session_items, product_affinities, product_popularity")));

const learnInDatabase = async (deeds: readonly Deed[]) =>
  await db.inTransaction(async (tx) => await learnDeeds(tx, deeds));
const productIds = syntheticShelf().products.map(({ id }) => id);
/** Each visit under the hash of its name, all deeds of all visits in one row. */
const deedsOf = (visits: readonly (readonly Deed[])[]) =>
  visits.flat().map((deed) => ({ ...deed, session: sessionOf(deed.session) }));

/** The counts as they must be, reckoned without a database. */
function expectedCounts(deeds: readonly Deed[]) {
  const lessons = noLessons();
  const visits = new Map<string, Visit>();
  for (const deed of deeds) {
    const visit = visits.get(deed.session) ?? new Map<string, number>();
    visits.set(deed.session, visit);
    learn(lessons, visit, deed);
  }
  return lessons;
}

async function assertCounts(deeds: readonly Deed[]) {
  const expected = expectedCounts(deeds);
  const found = new Map(
    (
      await db.rows<{ key: string; strength: number }>(
        `select product_a || ' ' || product_b as key, strength from product_affinities`,
      )
    ).map(({ key, strength }) => [key, strength]),
  );
  assert.deepEqual(found, new Map(expected.pairs));
  assert.deepEqual(await findPopularity(db), expected.products);
}

test("the counts in the database are the same, in whatever batches deeds arrive", async () => {
  const deeds = deedsOf(syntheticVisits(60, 3));
  for (let start = 0; start < deeds.length; start += 7) await learnInDatabase(deeds.slice(start, start + 7));
  await assertCounts(deeds);
});

test("batches of many processes at once lose nothing and count nothing twice", async () => {
  const deeds = deedsOf(syntheticVisits(30, 4));
  const batches = Array.from({ length: 8 }, (_, part) => deeds.filter((__, index) => index % 8 === part));
  await Promise.all([...batches, ...batches].map(learnInDatabase));
  await assertCounts(deeds);
});

test("counts halve every thirty days, whether they are read or added to", async () => {
  const [one = "", other = ""] = productIds;
  const visit = (weight: number): Deed[] => {
    const session = sessionOf(newId());
    return [
      { session, productId: one, weight },
      { session, productId: other, weight },
    ];
  };
  await learnInDatabase(visit(2));
  await db.run("update product_affinities set as_of = current_date - 30");
  await db.run("update product_popularity set as_of = current_date - 30");
  const strength = async () => (await listPairs(db, [one])).map((pair) => pair.strength);
  assert.deepEqual(await strength(), [2]);
  assert.equal((await findPopularity(db)).get(one), 2);
  await learnInDatabase(visit(1));
  assert.deepEqual(await strength(), [3]);
});

test("after a week a visit is forgotten, and a return begins a new one", async () => {
  const [one = "", other = ""] = productIds;
  const session = sessionOf("returning");
  await learnInDatabase([{ session, productId: one, weight: 1 }]);
  await db.run("update session_items set noticed_at = now() - interval '8 days'");
  await learnInDatabase([{ session, productId: other, weight: 1 }]);
  assert.deepEqual(await listPairs(db, [one]), []);
  await forgetOldDeeds(db);
  assert.equal((await db.rows("select 1 from session_items")).length, 1);
});

test("counts that have faded are deleted, others stay", async () => {
  await learnInDatabase(deedsOf(syntheticVisits(5, 5)));
  const kept = (await findPopularity(db)).size;
  await forgetOldDeeds(db);
  assert.equal((await findPopularity(db)).size, kept);
  await db.run("update product_popularity set as_of = current_date - 600");
  await db.run("update product_affinities set as_of = current_date - 600");
  await forgetOldDeeds(db);
  assert.equal((await findPopularity(db)).size, 0);
  assert.deepEqual(await listPairs(db, productIds), []);
});

test("nothing that names a visitor is kept", async () => {
  await learnInDatabase([
    { session: sessionOf("ada@example.com"), productId: productIds[0] ?? "", weight: 1 },
  ]);
  const rows = await db.rows(
    "select encode(session_hash, 'escape') as kept, encode(session_hash, 'hex') as hex from session_items",
  );
  assert.doesNotMatch(JSON.stringify(rows), /ada|example/);
});
