import type { Queryable, Tx } from "#platform/database/db.ts";

export interface SettledRefund {
  readonly refundId: string;
  readonly orderId: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** By a refund or a cancel of ours: whoever asked knows it from the answer. */
  readonly isAsked: boolean;
}

/** Refunds of the payment that are done and were not told of before. Of two that do this at once, each refund is one's. */
export async function markRefundsTold(tx: Tx, paymentId: string): Promise<SettledRefund[]> {
  return await tx.rows<SettledRefund>(
    `update payment_refunds r set told_at = now() from payments p
     where r.payment_id = $1 and p.id = r.payment_id and r.status = 'done' and r.told_at is null
     returning r.refund_id as "refundId", p.order_id as "orderId", r.amount_minor as "amountMinor", p.currency,
       r.refund_id = 'cancel:' || p.id or coalesce(starts_with(r.refund_id, p.order_id || ':'), false) as "isAsked"`,
    [paymentId],
  );
}

/** Payments with a refund that a release which tells nothing has recorded. */
export async function listUntoldPayments(db: Queryable, limit: number): Promise<{ id: string }[]> {
  return await db.rows<{ id: string }>(
    `select distinct payment_id as id from payment_refunds where status = 'done' and told_at is null limit $1`,
    [limit],
  );
}
