import type { Queryable, Tx } from "#platform/database/db.ts";

export interface CancelTask {
  readonly orderId: string;
  readonly paymentId: string | null;
  readonly reason: string;
}

/** Written with the cancel itself, so that no cancelled order can keep stock or money. */
export async function insertCancelTask(tx: Tx, orderId: string, reason: string): Promise<void> {
  await tx.run("insert into cancel_tasks (order_id, reason) values ($1, $2) on conflict do nothing", [
    orderId,
    reason,
  ]);
}

/** Tasks that are due; a fresh one belongs to the request that wrote it. */
export async function listOpenCancelTasks(db: Queryable, limit: number): Promise<CancelTask[]> {
  return await db.rows<CancelTask>(
    `select t.order_id as "orderId", o.payment_id as "paymentId", t.reason
     from cancel_tasks t join orders o on o.id = t.order_id
     where t.done_at is null and t.next_attempt_at < now() and t.created_at < now() - interval '2 seconds'
     order by t.next_attempt_at limit $1`,
    [limit],
  );
}

/** What the payment service says after the cancel; refunds only grow. */
export interface CancelledPayment {
  readonly status: string;
  readonly refundedMinor: bigint;
}

export async function closeCancelTask(
  db: Queryable,
  orderId: string,
  payment: CancelledPayment | undefined,
): Promise<void> {
  await db.run(
    `with closed as (update cancel_tasks set done_at = now() where order_id = $1 and done_at is null returning order_id)
     update orders set payment_status = coalesce($2, payment_status),
       refunded_minor = least(captured_minor, greatest(refunded_minor, $3)), updated_at = now()
     from closed where orders.id = closed.order_id`,
    [orderId, payment?.status ?? null, payment?.refundedMinor ?? 0n],
  );
}

export async function postponeCancelTask(db: Queryable, orderId: string): Promise<void> {
  await db.run(
    `update cancel_tasks set attempts = attempts + 1,
       next_attempt_at = now() + least(interval '5 minutes', interval '2 seconds' * 2 ^ least(attempts, 10))
     where order_id = $1`,
    [orderId],
  );
}
