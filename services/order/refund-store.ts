import type { Queryable, Tx } from "#platform/database/db.ts";
import type { OrderRefund } from "./order.ts";

const columns = `r.refund_id as "refundId", r.order_id as "orderId", r.amount_minor as "amountMinor", o.currency, r.reason,
  r.status, r.created_at as "createdAt"`;

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

export async function getRefund(db: Queryable, orderId: string, refundId: string): Promise<OrderRefund> {
  const refund = await db.row<OrderRefund>(
    `select ${columns} from order_refunds r join orders o on o.id = r.order_id where r.order_id = $1 and r.refund_id = $2`,
    [orderId, refundId],
  );
  if (!refund) throw new Error(`The refund ${refundId} of order ${orderId} is gone.`);
  return refund;
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
    `update orders set updated_at = now(), refunded_minor = greatest(refunded_minor, done.amount),
       payment_status = case when greatest(refunded_minor, done.amount) < captured_minor then 'partially_refunded' else 'refunded' end
     from (select coalesce(sum(amount_minor), 0)::bigint as amount from order_refunds
           where order_id = $1 and status = 'done') done
     where id = $1`,
    [orderId],
  );
}

/** Refunds that are not settled, as tasks; a fresh one belongs to the request that wrote it. */
export const pendingRefunds = `select order_id || ':' || refund_id,
    jsonb_build_object('orderId', order_id, 'refundId', refund_id)
  from order_refunds where status = 'pending' and created_at < now() - interval '2 seconds'`;
