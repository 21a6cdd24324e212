import type { Queryable, Tx } from "#platform/database/db.ts";

/** What a cancelled order still holds. */
export interface OpenCancel {
  readonly orderId: string;
  readonly paymentId: string | null;
  readonly reason: string;
}

/** Written with the cancel itself, so that no cancelled order can keep stock or money. */
export async function insertCancel(tx: Tx, orderId: string, reason: string): Promise<void> {
  await tx.run("insert into cancel_tasks (order_id, reason) values ($1, $2) on conflict do nothing", [
    orderId,
    reason,
  ]);
}

/** Undefined when everything was given back. */
export async function findOpenCancel(db: Queryable, orderId: string): Promise<OpenCancel | undefined> {
  return await db.row<OpenCancel>(
    `select t.order_id as "orderId", o.payment_id as "paymentId", t.reason
     from cancel_tasks t join orders o on o.id = t.order_id where t.order_id = $1 and t.done_at is null`,
    [orderId],
  );
}

/** Cancels that are not finished, as tasks; a fresh one belongs to the request that wrote it. */
export const openCancels = `select order_id::text, '{}'::jsonb from cancel_tasks
  where done_at is null and created_at < now() - interval '2 seconds'`;

/** What the payment service says after the cancel. Refunds only grow, and one may be done between its answer and our note of it. */
export interface CancelledPayment {
  readonly status: string;
  readonly refundedMinor: bigint;
}

export async function closeCancel(
  db: Queryable,
  orderId: string,
  payment: CancelledPayment | undefined,
): Promise<void> {
  await db.run(
    `with closed as (update cancel_tasks set done_at = now() where order_id = $1 and done_at is null returning order_id)
     update orders set refunded_minor = least(captured_minor, greatest(refunded_minor, $3)), updated_at = now(),
       payment_status = case least(captured_minor, greatest(refunded_minor, $3))
         when 0 then coalesce($2, payment_status) when captured_minor then 'refunded' else 'partially_refunded' end
     from closed where orders.id = closed.order_id`,
    [orderId, payment?.status ?? null, payment?.refundedMinor ?? 0n],
  );
}
