import type { Queryable } from "#platform/database/db.ts";

export interface CurrencyFigures {
  readonly currency: string;
  readonly orders: bigint;
  readonly revenueMinor: bigint;
  readonly cancelled: bigint;
  readonly refunds: bigint;
  readonly refundedMinor: bigint;
}

/**
 * Orders by when they were placed, money back by when it went: a refund when it was settled, the rest that a cancel gives back with the
 * cancel. Each part reads what lies between the two moments by an index, and nothing else of the tables.
 */
export async function readFigures(db: Queryable, from: Date, until: Date): Promise<CurrencyFigures[]> {
  return await db.rows<CurrencyFigures>(
    `with placed as (
       select o.currency, count(*) as orders, sum(o.total_minor) as revenue,
         count(*) filter (where o.status = 'cancelled') as cancelled
       from orders o
       where o.abandoned_at is null and o.created_at >= $1 and o.created_at < $2 and o.confirmed_at is not null
       group by o.currency),
     back as (
       select o.currency, r.amount_minor as amount
       from order_refunds r join orders o on o.id = r.order_id
       where r.settled_at >= $1 and r.settled_at < $2 and r.status = 'done'
       union all
       select o.currency, o.captured_minor - coalesce((
         select sum(r.amount_minor) from order_refunds r where r.order_id = o.id and r.status <> 'refused'), 0)
       from order_history h join orders o on o.id = h.order_id
       where h.at >= $1 and h.at < $2 and h.to_status = 'cancelled' and o.abandoned_at is null and o.captured_minor > 0),
     given as (
       select currency, count(*) as refunds, sum(amount) as refunded from back where amount > 0 group by currency)
     select currency, coalesce(orders, 0)::bigint as orders, coalesce(revenue, 0)::bigint as "revenueMinor",
       coalesce(cancelled, 0)::bigint as cancelled, coalesce(refunds, 0)::bigint as refunds,
       coalesce(refunded, 0)::bigint as "refundedMinor"
     from placed full join given using (currency) order by currency`,
    [from, until],
  );
}
