import type { Books } from "../invariant.ts";

/** An attempt to buy that has come to its end. */
export interface SettledCheckout {
  readonly id: string;
  readonly paymentId: string;
  readonly isCompleted: boolean;
}

/**
 * Attempts that ended at least `restSeconds` ago and whose order is not being cancelled or refunded right now: across
 * databases, rules hold only for work at rest.
 */
export async function settledCheckouts(books: Books, restSeconds: number): Promise<SettledCheckout[]> {
  const underWay = await ordersUnderWay(books, restSeconds);
  const rows = await books.rows<SettledCheckout>(
    "checkout",
    `select id, payment_id as "paymentId", status = 'completed' as "isCompleted" from checkouts
     where status in ('completed', 'refused') and updated_at <= now() - make_interval(secs => $1)`,
    [restSeconds],
  );
  return rows.filter(({ id }) => !underWay.has(id));
}

async function ordersUnderWay(books: Books, restSeconds: number): Promise<Set<string>> {
  const rows = await books.rows<{ id: string }>(
    "order",
    `select order_id as id from cancel_tasks where done_at is null or done_at > now() - make_interval(secs => $1)
     union select order_id from order_refunds
       where status = 'pending' or settled_at > now() - make_interval(secs => $1)`,
    [restSeconds],
  );
  return new Set(rows.map(({ id }) => id));
}
