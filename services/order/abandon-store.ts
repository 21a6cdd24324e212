import type { Tx } from "#platform/database/db.ts";
import type { OrderStatus } from "./order.ts";

const nobody = "00000000-0000-0000-0000-000000000000";

/** Where there is no order, leaves a mark under its id that bars a late creation. False when the id is known. */
export async function insertAbandonedMark(tx: Tx, orderId: string): Promise<boolean> {
  const marked = await tx.run(
    `insert into orders (id, order_number, user_id, email, status, currency, currency_decimals, subtotal_minor, discount_minor,
       shipping_minor, tax_minor, total_minor, shipping_address, abandoned_at)
     values ($1::uuid, 'abandoned:' || $1::uuid::text, $2, '', 'cancelled', 'XXX', 2, 0, 0, 0, 0, 0, '{}', now())
     on conflict (id) do nothing`,
    [orderId, nobody],
  );
  return marked === 1;
}

export interface LockedOrder {
  readonly status: OrderStatus;
  readonly isConfirmed: boolean;
  readonly isAbandoned: boolean;
}

export async function lockOrder(tx: Tx, orderId: string): Promise<LockedOrder | undefined> {
  return await tx.row<LockedOrder>(
    `select status, confirmed_at is not null as "isConfirmed", abandoned_at is not null as "isAbandoned"
     from orders where id = $1 for update`,
    [orderId],
  );
}

/** For an order that is locked and that nobody was told of. */
export async function hideOrder(tx: Tx, orderId: string): Promise<void> {
  await tx.run(
    "update orders set status = 'cancelled', abandoned_at = now(), updated_at = now() where id = $1",
    [orderId],
  );
}

export interface HistoryLine {
  readonly orderId: string;
  readonly from: OrderStatus | null;
  readonly actor: string;
  readonly reason: string;
}

export async function insertAbandonedHistory(tx: Tx, line: HistoryLine): Promise<void> {
  await tx.run(
    "insert into order_history (order_id, from_status, to_status, actor, reason) values ($1, $2, 'cancelled', $3, $4)",
    [line.orderId, line.from, line.actor, line.reason],
  );
}
