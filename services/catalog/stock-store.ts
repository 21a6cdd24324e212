import type { Queryable, Tx } from "#platform/database/db.ts";
import type { Demand, Shortage } from "./stock.ts";

export interface ReserveOutcome {
  readonly outcome: "held" | "committed" | "released" | "expired" | "insufficient";
  readonly expiresAt: Date;
  readonly shortage: Shortage[] | null;
}

export async function reserveStock(db: Queryable, reservationId: string, demand: Demand, seconds: number) {
  const outcome = await db.row<ReserveOutcome>(
    `select outcome, expires_at as "expiresAt", shortage from reserve_stock($1, $2::uuid[], $3::bigint[], $4)`,
    [reservationId, demand.variantIds, demand.quantities, seconds],
  );
  return outcome as ReserveOutcome;
}

export interface CommitOutcome {
  readonly outcome: "absent" | "committed" | "released" | "insufficient";
  readonly shortage: Shortage[] | null;
}

export async function commitReservation(db: Queryable, reservationId: string, actor: string) {
  const outcome = await db.row<CommitOutcome>("select outcome, shortage from commit_reservation($1, $2)", [
    reservationId,
    actor,
  ]);
  return outcome as CommitOutcome;
}

export async function releaseReservation(
  db: Queryable,
  reservationId: string,
  { reason, actor }: { reason: string; actor: string },
): Promise<void> {
  await db.run("select release_reservation($1, $2, $3)", [reservationId, reason, actor]);
}

/** Ends up to `most` holds whose time is over; returns how many. */
export async function expireReservations(db: Queryable, most: number): Promise<number> {
  const row = await db.row<{ ended: bigint }>("select expire_reservations($1) as ended", [most]);
  return Number(row?.ended ?? 0n);
}

/** Forgets reservations that sold nothing, long after any call for them can still be under way. */
export async function deleteEndedReservations(db: Queryable, days: number, limit: number): Promise<number> {
  return await db.run(
    `delete from stock_reservations where id in
       (select id from stock_reservations
        where status in ('released', 'expired') and ended_at < now() - make_interval(days => $1) limit $2)`,
    [days, limit],
  );
}

export interface StockReason {
  readonly reason: string;
  readonly actor: string;
  readonly reference?: string;
}

/** Until the transaction ends, changes of stock on hand are written to the ledger with this reason. */
export async function tellStockReason(tx: Tx, { reason, actor, reference = "" }: StockReason): Promise<void> {
  await tx.run("select tell_stock_reason($1, $2, $3)", [reason, actor, reference]);
}

export interface StockRow {
  readonly variantId: string;
  readonly onHand: bigint;
  readonly reserved: bigint;
}

export async function lockStock(tx: Tx, variantIds: readonly string[]): Promise<StockRow[]> {
  return await tx.rows<StockRow>(
    `select variant_id as "variantId", on_hand as "onHand", reserved from stock
     where variant_id = any ($1::uuid[]) order by variant_id for update`,
    [variantIds],
  );
}

/** The first stock that variants ever have; told before, why. */
export async function openStock(
  tx: Tx,
  productId: string,
  variants: readonly { readonly id: string; readonly stock: bigint | undefined }[],
): Promise<void> {
  await tx.run(
    "insert into stock (variant_id, product_id, on_hand) select id, $1, on_hand from unnest($2::uuid[], $3::bigint[]) as opened (id, on_hand)",
    [productId, variants.map(({ id }) => id), variants.map(({ stock }) => stock ?? 0n)],
  );
}

export async function saveStockOnHand(tx: Tx, variantId: string, onHand: bigint): Promise<void> {
  await tx.run("update stock set on_hand = $2 where variant_id = $1", [variantId, onHand]);
}
