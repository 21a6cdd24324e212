import type { Queryable, Tx } from "#platform/database/db.ts";
import type { OrderRefund } from "./order.ts";

const columns = `r.refund_id as "refundId", r.order_id as "orderId", r.amount_minor as "amountMinor", o.currency, r.reason,
  r.actor, r.status, r.created_at as "createdAt", r.settled_at as "settledAt"`;

export interface RefundWish {
  readonly orderId: string;
  readonly refundId: string;
  /** Undefined means all that is left. */
  readonly amountMinor: bigint | undefined;
  readonly currency: string | undefined;
  readonly reason: string;
  readonly actor: string;
}

export type RefundOutcome = OrderRefund["status"] | "taken" | "exceeds" | "not_paid";

/** Writes the refund as pending if that much is left; a known one answers its status. */
export async function reserveRefund(db: Queryable, wish: RefundWish): Promise<RefundOutcome> {
  const row = await db.row<{ outcome: RefundOutcome }>(
    "select outcome from reserve_order_refund($1, $2, $3, $4, $5, $6) as outcome",
    [wish.orderId, wish.refundId, wish.amountMinor ?? null, wish.currency ?? null, wish.reason, wish.actor],
  );
  if (!row) throw new Error("reserve_order_refund answered nothing.");
  return row.outcome;
}

export async function isRefundKnown(db: Queryable, orderId: string, refundId: string): Promise<boolean> {
  const text = "select 1 from order_refunds where order_id = $1 and refund_id = $2";
  return (await db.row(text, [orderId, refundId])) !== undefined;
}

export async function getRefund(db: Queryable, orderId: string, refundId: string): Promise<OrderRefund> {
  const refund = await db.row<OrderRefund>(
    `select ${columns} from order_refunds r join orders o on o.id = r.order_id where r.order_id = $1 and r.refund_id = $2`,
    [orderId, refundId],
  );
  if (!refund) throw new Error(`The refund ${refundId} of order ${orderId} is gone.`);
  return refund;
}

/** Oldest first, and last what a cancel gives back beside them. */
export async function listRefunds(db: Queryable, orderId: string): Promise<OrderRefund[]> {
  return await db.rows<OrderRefund>(
    `with refunds as (
       select ${columns} from order_refunds r join orders o on o.id = r.order_id where r.order_id = $1),
     rest as (
       select 'cancel:' || o.id as "refundId", o.id as "orderId",
         (o.captured_minor - coalesce((select sum("amountMinor") from refunds where status <> 'refused'), 0))::bigint as "amountMinor",
         o.currency, h.reason, h.actor, case when t.done_at is null then 'pending' else 'done' end as status,
         h.at as "createdAt", t.done_at as "settledAt"
       from orders o join cancel_tasks t on t.order_id = o.id
       cross join lateral (
         select reason, actor, at from order_history where order_id = o.id and to_status = 'cancelled'
         order by sequence desc limit 1) h
       where o.id = $1 and o.status = 'cancelled')
     (select * from refunds order by "createdAt", "refundId")
     union all
     (select * from rest where "amountMinor" > 0)`,
    [orderId],
  );
}

/** What no refund has asked for yet; nothing of an order whose money a cancel gives back. */
export async function leftToRefund(db: Queryable, orderId: string): Promise<bigint> {
  const row = await db.row<{ left: bigint }>(
    `select (case when o.status = 'cancelled' then 0 else o.captured_minor - coalesce((
         select sum(amount_minor) from order_refunds where order_id = o.id and status in ('pending', 'done')), 0) end)::bigint as left
     from orders o where o.id = $1`,
    [orderId],
  );
  return row && row.left > 0n ? row.left : 0n;
}

/** Whether all that was paid was given back, or is about to be; of an order that is locked. */
export async function isWhollyRefunded(tx: Tx, orderId: string): Promise<boolean> {
  const row = await tx.row(
    `select 1 from orders o where o.id = $1 and o.captured_minor > 0 and o.captured_minor <= greatest(o.refunded_minor, (
       select coalesce(sum(amount_minor), 0) from order_refunds where order_id = o.id and status in ('pending', 'done')))`,
    [orderId],
  );
  return row !== undefined;
}

/** False when it is known. */
export async function insertProviderRefund(
  tx: Tx,
  { orderId, refundId, amountMinor }: { orderId: string; refundId: string; amountMinor: bigint },
): Promise<boolean> {
  const inserted = await tx.run(
    `insert into order_refunds (order_id, refund_id, amount_minor, actor, status, settled_at)
     values ($1, $2, $3, 'payment', 'done', now()) on conflict do nothing`,
    [orderId, refundId, amountMinor],
  );
  return inserted === 1;
}

/** True if it was pending until now. */
export async function settleRefund(
  tx: Tx,
  refund: OrderRefund,
  status: "done" | "refused",
): Promise<boolean> {
  const settled = await tx.run(
    `update order_refunds set status = $3, settled_at = now()
     where order_id = $1 and refund_id = $2 and status = 'pending'`,
    [refund.orderId, refund.refundId, status],
  );
  return settled === 1;
}

/** The order's own sum of what was given back. */
export async function noteRefunded(tx: Tx, orderId: string): Promise<void> {
  await tx.run(
    `update orders set updated_at = now(), refunded_minor = least(captured_minor, greatest(refunded_minor, done.amount)),
       payment_status = case when greatest(refunded_minor, done.amount) < captured_minor then 'partially_refunded' else 'refunded' end
     from (select coalesce(sum(amount_minor), 0)::bigint as amount from order_refunds
           where order_id = $1 and status = 'done') done
     where id = $1 and captured_minor > 0`,
    [orderId],
  );
}

/** Refunds that are not settled, as tasks; a fresh one belongs to the request that wrote it. */
export const pendingRefunds = `select order_id || ':' || refund_id,
    jsonb_build_object('orderId', order_id, 'refundId', refund_id)
  from order_refunds where status = 'pending' and created_at < now() - interval '2 seconds'`;
