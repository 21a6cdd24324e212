import type { Queryable, Tx } from "#platform/database/db.ts";
import { decimalsOf } from "#platform/kit/money.ts";
import { listRefunds } from "./refund-store.ts";
import {
  sourcesOf,
  withRefunds,
  type HistoryEntry,
  type NewOrder,
  type Order,
  type OrderItem,
  type OrderStatus,
} from "./order.ts";

type OrderRow = Omit<Order, "items"> & {
  items: (Omit<OrderItem, "priceMinor" | "subtotalMinor"> & { priceMinor: string; subtotalMinor: string })[];
};

/** Of a table or a changed row called `o`. Amounts inside json travel as text, because its numbers lose digits. */
export const orderColumns = `o.id, o.order_number as "orderNumber", o.user_id as "userId", o.email, o.status, o.currency,
  o.subtotal_minor as "subtotalMinor", o.discount_minor as "discountMinor", o.shipping_minor as "shippingMinor",
  o.tax_minor as "taxMinor", o.total_minor as "totalMinor", o.shipping_address as "shippingAddress",
  o.shipping_method_code as "shippingMethodCode", o.shipping_method_name as "shippingMethodName", o.rate_snapshot_id as "rateSnapshotId", o.payment_id as "paymentId",
  o.tracking_number as "trackingNumber", o.payment_status as "paymentStatus", o.payment_brand as "paymentBrand",
  o.payment_last4 as "paymentLast4", o.captured_minor as "capturedMinor", o.refunded_minor as "refundedMinor",
  o.confirmed_at is not null as "isConfirmed", o.abandoned_at is not null as "isAbandoned",
  o.created_at as "createdAt", o.updated_at as "updatedAt",
  (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'productId', i.product_id, 'variantId', i.variant_id,
     'productCode', i.product_code, 'name', i.name, 'quantity', i.quantity, 'priceMinor', i.price_minor::text,
     'subtotalMinor', i.subtotal_minor::text) order by i.line_number), '[]')
   from order_items i where i.order_id = o.id) as items`;

export function orderOf(row: OrderRow): Order {
  const items = row.items.map((item) => ({
    ...item,
    priceMinor: BigInt(item.priceMinor),
    subtotalMinor: BigInt(item.subtotalMinor),
  }));
  return { ...row, items };
}

export async function findOrder(db: Queryable, orderId: string): Promise<Order | undefined> {
  const row = await db.row<OrderRow>(`select ${orderColumns} from orders o where o.id = $1`, [orderId]);
  return row && orderOf(row);
}

export async function findOrderByNumber(db: Queryable, orderNumber: string): Promise<Order | undefined> {
  const row = await db.row<OrderRow>(`select ${orderColumns} from orders o where o.order_number = $1`, [
    orderNumber,
  ]);
  return row && orderOf(row);
}

export async function listHistory(db: Queryable, orderId: string): Promise<HistoryEntry[]> {
  return await db.rows<HistoryEntry>(
    `select "fromStatus", "toStatus", actor, reason, at from (
       select from_status as "fromStatus", to_status as "toStatus", actor, reason, at, 1 as part, sequence
       from order_history where order_id = $1
       union all
       select status, status, to_user_id::text, 'Placed by the guest ' || from_user_id || ', who signed in.', at, 2, sequence
       from order_owner_changes where order_id = $1) as lines
     order by at, part, sequence`,
    [orderId],
  );
}

export interface OrderTimes {
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Moves and refunds, as they happened; what a cancel gave back is said by its move. */
export async function readHistory(
  db: Queryable,
  { id, refundedMinor }: Pick<Order, "id" | "refundedMinor">,
): Promise<HistoryEntry[]> {
  const moves = await listHistory(db, id);
  if (refundedMinor === 0n) return moves;
  const refunds = await listRefunds(db, id);
  return withRefunds(
    moves,
    refunds.filter(({ refundId }) => refundId !== `cancel:${id}`),
  );
}

/** Order, items and the first line of its history in one statement; undefined when the id is known. */
export async function insertOrder(
  db: Queryable,
  order: NewOrder,
  actor: string,
): Promise<OrderTimes | undefined> {
  const items = order.items.map(({ priceMinor, subtotalMinor, ...item }, index) => ({
    ...item,
    lineNumber: index + 1,
    priceMinor: priceMinor.toString(),
    subtotalMinor: subtotalMinor.toString(),
  }));
  return await db.row<OrderTimes>(
    `with made as (
       insert into orders (id, order_number, user_id, email, status, currency, currency_decimals, subtotal_minor, discount_minor,
         shipping_minor, tax_minor, total_minor, shipping_address, shipping_method_code, rate_snapshot_id, payment_id,
         shipping_method_name)
       values ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $18)
       on conflict (id) do nothing returning id, created_at, updated_at),
     listed as (
       insert into order_items (id, order_id, line_number, product_id, variant_id, product_code, name, quantity,
         currency_decimals, price_minor, subtotal_minor)
       select i.id, made.id, i."lineNumber", i."productId", i."variantId", i."productCode", i.name, i.quantity, $6,
         i."priceMinor", i."subtotalMinor"
       from made, jsonb_to_recordset($16) as i (id uuid, "lineNumber" smallint, "productId" uuid, "variantId" uuid,
         "productCode" text, name text, quantity integer, "priceMinor" bigint, "subtotalMinor" bigint)),
     noted as (
       insert into order_history (order_id, to_status, actor) select id, 'pending', $17 from made)
     select created_at as "createdAt", updated_at as "updatedAt" from made`,
    [
      order.id,
      order.orderNumber,
      order.userId,
      order.email,
      order.currency,
      decimalsOf(order.currency),
      order.subtotalMinor,
      order.discountMinor,
      order.shippingMinor,
      order.taxMinor,
      order.totalMinor,
      JSON.stringify(order.shippingAddress),
      order.shippingMethodCode,
      order.rateSnapshotId,
      order.paymentId,
      JSON.stringify(items),
      actor,
      order.shippingMethodName,
    ],
  );
}

export interface Move {
  readonly orderId: string;
  readonly to: OrderStatus;
  readonly actor: string;
  readonly reason: string;
  /** The payment that made the move possible. */
  readonly paid?: { readonly paymentId: string; readonly brand: string; readonly last4: string };
}

/**
 * The one place that changes a status: checks the move, makes it, and writes the history in one statement. Of two that race,
 * one finds the order elsewhere and gets undefined.
 */
export async function moveOrder(db: Queryable, move: Move): Promise<Order | undefined> {
  const { orderId, to, actor, reason, paid } = move;
  const row = await db.row<OrderRow>(
    `with known as (
       select id, status from orders where id = $1 and status = any($3) and abandoned_at is null for update),
     o as (
       update orders set status = $2, updated_at = now(), payment_id = coalesce($6, payment_id),
         payment_status = case when $6::uuid is null then payment_status when given.back = 0 then 'captured'
           when given.back < total_minor then 'partially_refunded' else 'refunded' end,
         refunded_minor = case when $6::uuid is null then refunded_minor else least(total_minor, given.back) end,
         payment_brand = coalesce($7, payment_brand), payment_last4 = coalesce($8, payment_last4),
         captured_minor = case when $6::uuid is null then captured_minor else total_minor end
       from known cross join lateral (
         select case when $6::uuid is null then 0 else coalesce((
           select sum(r.amount_minor) from order_refunds r where r.order_id = known.id and r.status = 'done'), 0) end::bigint as back) given
       where orders.id = known.id returning orders.*, known.status as from_status),
     noted as (
       insert into order_history (order_id, from_status, to_status, actor, reason)
       select id, from_status, $2, $4, $5 from o)
     select ${orderColumns} from o`,
    [
      orderId,
      to,
      sourcesOf(to),
      actor,
      reason,
      paid?.paymentId ?? null,
      paid?.brand ?? null,
      paid?.last4 ?? null,
    ],
  );
  return row && orderOf(row);
}

/** Undefined when it is not a paid order that waits for this. `isClaimed`: its guest has signed in meanwhile. */
export async function confirmOrder(
  tx: Tx,
  orderId: string,
  trackingNumber: string | null,
): Promise<(Order & { readonly isClaimed: boolean }) | undefined> {
  const row = await tx.row<OrderRow & { isClaimed: boolean }>(
    `with o as (
       update orders set confirmed_at = now(), updated_at = now(), tracking_number = $2
       where id = $1 and confirmed_at is null and abandoned_at is null and status not in ('pending', 'cancelled') returning *)
     select ${orderColumns}, exists (
       select 1 from guest_claims g where g.guest_id = o.user_id and o.id <= g.begun_until) as "isClaimed" from o`,
    [orderId, trackingNumber],
  );
  return row && { ...orderOf(row), isClaimed: row.isClaimed };
}

/** A label that was made after the order was confirmed. */
export async function noteTrackingNumber(
  db: Queryable,
  orderId: string,
  trackingNumber: string,
): Promise<void> {
  await db.run(
    "update orders set tracking_number = $2, updated_at = now() where id = $1 and tracking_number is null",
    [orderId, trackingNumber],
  );
}
