import type { Queryable } from "#platform/database/db.ts";

export interface StockFacts {
  readonly onHand: bigint;
  readonly reserved: bigint;
}

export async function getStock(db: Queryable, variantId: string): Promise<StockFacts> {
  const row = await db.row<StockFacts>(
    `select on_hand as "onHand", reserved from stock where variant_id = $1`,
    [variantId],
  );
  if (!row) throw new Error(`There is no stock row of ${variantId}.`);
  return row;
}

export interface WrongBook {
  readonly variantId: string;
  readonly onHand: bigint;
  readonly ledger: bigint;
  readonly reserved: bigint;
  readonly held: bigint;
}

/**
 * Variants whose books do not add up in this snapshot: what the ledger says was received and sold against stock on hand,
 * open reservations against what is reserved. There must never be one.
 */
export async function findWrongBooks(db: Queryable): Promise<WrongBook[]> {
  return await db.rows<WrongBook>(
    `with ledger as (
       select variant_id, sum(change)::bigint as total from stock_ledger group by variant_id
     ), held as (
       select line.variant_id, sum(line.quantity)::bigint as total from stock_reservation_lines as line
       join stock_reservations as reservation on reservation.id = line.reservation_id and reservation.status = 'held'
       group by line.variant_id
     )
     select stock.variant_id as "variantId", stock.on_hand as "onHand", coalesce(ledger.total, 0) as ledger,
            stock.reserved, coalesce(held.total, 0) as held
     from stock left join ledger on ledger.variant_id = stock.variant_id left join held on held.variant_id = stock.variant_id
     where stock.on_hand <> coalesce(ledger.total, 0) or stock.reserved <> coalesce(held.total, 0)`,
  );
}
