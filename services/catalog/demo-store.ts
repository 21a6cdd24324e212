import type { Queryable, Tx } from "#platform/database/db.ts";

/** Keeps other processes out of the same first filling until the transaction ends. */
export async function lockSeeding(tx: Tx): Promise<void> {
  await tx.run("select pg_advisory_xact_lock(hashtext('catalog.seed'))");
}

/** Also true when everything was deleted: an emptied shop is not filled again. */
export async function hasProducts(db: Queryable): Promise<boolean> {
  const row = await db.row<{ found: boolean }>("select exists (select 1 from products) as found");
  return row?.found ?? false;
}

/** Marks products as demo goods, the first one as the newest, and remembers their stock as the level to fill up to. */
export async function markDemo(tx: Tx, productIds: readonly string[]): Promise<void> {
  await tx.run(
    `update products set is_demo = true, created_at = created_at - place * interval '1 ms'
     from unnest($1::uuid[]) with ordinality as demo (id, place) where products.id = demo.id`,
    [productIds],
  );
  await tx.run("update stock set top_up_to = on_hand where product_id = any ($1::uuid[]) and on_hand > 0", [
    productIds,
  ]);
}

/** Fills up what fell below half of its level, skipping rows that are being sold from this very moment. Returns how many. */
export async function topUpDemo(tx: Tx): Promise<number> {
  return await tx.run(
    `update stock set on_hand = top_up_to where variant_id in (
       select variant_id from stock where top_up_to is not null and (on_hand - reserved) * 2 < top_up_to
         and on_hand < top_up_to
         and exists (select 1 from product_variants as v where v.id = stock.variant_id and v.deleted_at is null)
       order by variant_id for update skip locked)`,
  );
}
