import type { Queryable, Tx } from "#platform/database/db.ts";
import type { PairStrength } from "./affinity.ts";
import type { Lessons, Visit } from "./co-occurrence.ts";
import { visitItemsMax } from "./co-occurrence.ts";

/** Counts halve in this time. */
const halfLifeDays = "30.0";
const neighboursMax = 50;

/** One batch at a time learns, whichever process it is in: it reads visits, and adds to counts others add to too. */
export async function lockLearning(tx: Tx): Promise<void> {
  await tx.run("select pg_advisory_xact_lock(hashtext('recommendation.learning'))");
}

/** What these visitors did within the last week, oldest first. */
export async function findVisits(tx: Tx, sessions: readonly string[]): Promise<Map<string, Visit>> {
  const rows = await tx.rows<{ session: string; productId: string; weight: number }>(
    `select encode(session_hash, 'hex') as session, product_id as "productId", weight from (
       select session_hash, product_id, weight, noticed_at,
         row_number() over (partition by session_hash order by noticed_at desc, product_id) as place
       from session_items where session_hash = any(select decode(s, 'hex') from unnest($1::text[]) as s)
         and noticed_at > now() - interval '7 days') as visited
     where place <= $2 order by noticed_at, product_id`,
    [sessions, visitItemsMax],
  );
  const visits = new Map<string, Visit>();
  for (const { session, productId, weight } of rows) {
    const visit = visits.get(session) ?? new Map<string, number>();
    visits.set(session, visit.set(productId, weight));
  }
  return visits;
}

export async function saveLessons(tx: Tx, { visits, pairs, products }: Lessons): Promise<void> {
  const items = [...visits].flatMap(([session, visit]) =>
    [...visit].map(([productId, weight]) => ({ session, productId, weight })),
  );
  await tx.run(
    `insert into session_items (session_hash, product_id, weight, noticed_at)
     select decode(s, 'hex'), p, w, clock_timestamp() from unnest($1::text[], $2::uuid[], $3::smallint[]) as item (s, p, w)
     on conflict (session_hash, product_id) do update set weight = excluded.weight, noticed_at = excluded.noticed_at`,
    [
      items.map(({ session }) => session),
      items.map(({ productId }) => productId),
      items.map(({ weight }) => weight),
    ],
  );
  await tx.run(
    `insert into product_affinities (product_a, product_b, strength)
     select a, b, s from unnest($1::uuid[], $2::uuid[], $3::float8[]) as pair (a, b, s)
     on conflict (product_a, product_b) do update set as_of = excluded.as_of, strength = excluded.strength +
       product_affinities.strength * power(0.5, (excluded.as_of - product_affinities.as_of) / ${halfLifeDays})`,
    [
      [...pairs.keys()].map((key) => key.split(" ")[0]),
      [...pairs.keys()].map((key) => key.split(" ")[1]),
      [...pairs.values()],
    ],
  );
  await tx.run(
    `insert into product_popularity (product_id, strength)
     select p, s from unnest($1::uuid[], $2::float8[]) as product (p, s)
     on conflict (product_id) do update set as_of = excluded.as_of, strength = excluded.strength +
       product_popularity.strength * power(0.5, (excluded.as_of - product_popularity.as_of) / ${halfLifeDays})`,
    [[...products.keys()], [...products.values()]],
  );
}

/** The strongest pairs of each of these products, as of today. */
export async function listPairs(db: Queryable, productIds: readonly string[]): Promise<PairStrength[]> {
  return await db.rows<PairStrength>(
    `select one, other, strength from (
       select one, other, strength, row_number() over (partition by one order by strength desc, other) as place from (
         select product_a as one, product_b as other,
           strength * power(0.5, (current_date - as_of) / ${halfLifeDays}) as strength from product_affinities
         union all
         select product_b, product_a,
           strength * power(0.5, (current_date - as_of) / ${halfLifeDays}) from product_affinities) as directed
       where one = any($1::uuid[])) as ranked
     where place <= $2`,
    [productIds, neighboursMax],
  );
}

export async function findPopularity(db: Queryable): Promise<Map<string, number>> {
  const rows = await db.rows<{ productId: string; strength: number }>(
    `select product_id as "productId", strength * power(0.5, (current_date - as_of) / ${halfLifeDays}) as strength
     from product_popularity`,
  );
  return new Map(rows.map(({ productId, strength }) => [productId, strength]));
}

/** Forgets visits older than a week, and counts that have faded to nothing. */
export async function forgetOldDeeds(db: Queryable): Promise<void> {
  await db.run("delete from session_items where noticed_at < now() - interval '7 days'");
  await db.run(
    `delete from product_affinities where strength * power(0.5, (current_date - as_of) / ${halfLifeDays}) < 0.05`,
  );
  await db.run(
    `delete from product_popularity where strength * power(0.5, (current_date - as_of) / ${halfLifeDays}) < 0.05`,
  );
}
