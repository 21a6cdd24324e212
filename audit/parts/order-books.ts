// The statements about orders: each is about the ids it is given, or about the next few after one.
import { firstId, type Books, type News } from "../invariant.ts";
import type { ChargeBook, CheckoutBook, OrderBook, ShipmentBook, StockBook } from "./order-file.ts";

const goodsOf = (rows: string) =>
  `select string_agg(variant_id || ' ' || quantity, ',' order by variant_id) from (${rows}) as summed`;

export async function readCheckouts(
  books: Books,
  ids: readonly string[],
  restSeconds: number,
): Promise<CheckoutBook[]> {
  return await books.rows<CheckoutBook>(
    "checkout",
    `select c.id, c.payment_id as "paymentId", c.status = 'completed' as "isCompleted",
       c.status in ('completed', 'refused') and c.updated_at <= now() - make_interval(secs => $2) as "isAtRest",
       (select string_agg(concat_ws(' ', l ->> 'variantId', l ->> 'productId', l ->> 'quantity', rtrim(l #>> '{unitPrice,minor}', 'n')),
          ',' order by l ->> 'variantId', l ->> 'quantity')
        from jsonb_array_elements(c.purchase -> 'lines') as l) as lines,
       (select count(*)::int from checkouts other
        where other.user_id = c.user_id and other.cart_version = c.cart_version and other.status = 'completed'
          and other.cart_version is not null and other.status <> 'refused') as "boughtTimes"
     from checkouts c where c.id = any($1::uuid[])`,
    [ids, restSeconds],
  );
}

/** Conditions on other tables are sums, not `exists`: those PostgreSQL may answer by reading the whole table once. */
export async function readOrders(
  books: Books,
  ids: readonly string[],
  { restSeconds, mailsUntil }: { restSeconds: number; mailsUntil: string },
): Promise<OrderBook[]> {
  return await books.rows<OrderBook>(
    "order",
    `select o.id, o.status, o.abandoned_at is not null as "isAbandoned", o.confirmed_at is not null as "isConfirmed",
       o.confirmed_at is not null and o.confirmed_at between now() - interval '1 day' and $3::timestamptz as "isMailDue",
       o.updated_at <= now() - make_interval(secs => $2)
         and not coalesce((select bool_or(t.done_at is null or t.done_at > now() - make_interval(secs => $2))
           from cancel_tasks t where t.order_id = o.id), false)
         and not coalesce((select bool_or(r.status = 'pending' or r.settled_at > now() - make_interval(secs => $2))
           from order_refunds r where r.order_id = o.id), false) as "isAtRest",
       o.payment_id as "paymentId", o.payment_status as "paymentStatus", o.currency, o.subtotal_minor as subtotal,
       o.discount_minor as discount, o.shipping_minor as shipping, o.tax_minor as tax, o.total_minor as total,
       o.captured_minor as captured, o.refunded_minor as refunded, i.lines, i."linesTotal",
       (${goodsOf(`select variant_id, sum(quantity) as quantity from order_items where order_id = o.id group by variant_id`)}) as goods,
       (select string_agg(coalesce(h.from_status, '') || '>' || h.to_status, ',' order by h.sequence)
        from order_history h where h.order_id = o.id) as moves,
       (select coalesce(sum(r.amount_minor), 0)::bigint from order_refunds r
        where r.order_id = o.id and r.status = 'done') as refunds
     from orders o cross join lateral (
       select coalesce(sum(subtotal_minor), 0)::bigint as "linesTotal",
         string_agg(concat_ws(' ', variant_id, product_id, quantity, price_minor), ',' order by variant_id, quantity) as lines
       from order_items where order_id = o.id) i
     where o.id = any($1::uuid[])`,
    [ids, restSeconds, mailsUntil],
  );
}

/** Of every id, also of those without a reservation: stock may have moved all the same. */
export async function readStock(
  books: Books,
  ids: readonly string[],
  restSeconds: number,
): Promise<StockBook[]> {
  return await books.rows<StockBook>(
    "catalog",
    `select wanted.id, r.status, coalesce(r.created_at <= now() - make_interval(secs => $2), true) as "isAtRest",
       (${goodsOf(`select variant_id, quantity from stock_reservation_lines where reservation_id = wanted.id`)}) as goods,
       (${goodsOf(`select variant_id, -sum(change) as quantity from stock_ledger
         where reference = wanted.id and reference <> '' group by variant_id having sum(change) <> 0`)}) as gone
     from unnest($1::text[]) as wanted (id) left join stock_reservations r on r.id = wanted.id`,
    [ids, restSeconds],
  );
}

export async function readVariants(
  books: Books,
  ids: readonly string[],
): Promise<{ id: string; productId: string }[]> {
  return await books.rows(
    "catalog",
    `select id, product_id as "productId" from product_variants where id = any($1::uuid[])`,
    [ids],
  );
}

export async function readShipments(
  books: Books,
  ids: readonly string[],
  restSeconds: number,
): Promise<ShipmentBook[]> {
  return await books.rows<ShipmentBook>(
    "shipping",
    `select order_id as id, status = 'cancelled' as "isCancelled",
       coalesce((address ->> 'freeText')::boolean, false) as "isForeign",
       updated_at <= now() - make_interval(secs => $2) as "isAtRest"
     from shipments where order_id = any($1::uuid[])`,
    [ids, restSeconds],
  );
}

export async function readConfirmationMails(
  books: Books,
  ids: readonly string[],
): Promise<{ id: string; count: number }[]> {
  return await books.rows(
    "email",
    `select order_id as id, count(*)::int as count from mails
     where order_id = any($1::text[]) and template = 'order-confirmation' group by 1`,
    [ids],
  );
}

/** Events up to this instant have reached the mails. */
export async function readMailsUntil(books: Books): Promise<string> {
  const [row] = await books.rows<{ until: string }>(
    "order",
    `select coalesce(least(
       (select created_at from tasks where name = 'deliver-to-email' and lane is not null and dead_at is null
        order by sequence limit 1),
       (select occurred_at from outbox where subscriber = 'email' and dead_at is null order by sequence limit 1)),
       now())::text as until`,
  );
  return row?.until ?? "-infinity";
}

/** The built-in provider's own books; of a provider elsewhere, what ours say, which are reconciled with it. */
export async function readChargesOf(books: Books, paymentIds: readonly string[]): Promise<ChargeBook[]> {
  return await books.rows<ChargeBook>(
    "payment",
    `select key, is_authorized and not is_voided and captured_minor = 0 as "isHeld", captured_minor as captured,
       refunded_minor as refunded, currency from provider.charges where key = any($1::uuid[])
     union all select id, status = 'authorized', captured_minor, refunded_minor, currency from payments
     where id = any($1::uuid[]) and provider <> 'simulator'`,
    [paymentIds],
  );
}

const nextIds = (column: string, table: string, more = "") =>
  `select t.${column}::text as id from ${table} t where t.${column} > $1 ${more} order by t.${column} limit $2`;

/** Every book that can name an order, for the walk over all of them. */
export const orderIdBooks: readonly { readonly service: string; readonly text: string }[] = [
  { service: "checkout", text: nextIds("id", "checkouts") },
  { service: "order", text: nextIds("id", "orders") },
  { service: "catalog", text: nextIds("id", "stock_reservations") },
  { service: "shipping", text: nextIds("order_id", "shipments") },
  { service: "email", text: nextIds("order_id", "mails", "and template = 'order-confirmation'") },
];

interface ChangeTable {
  readonly subject: string;
  readonly table: string;
  readonly at: string;
  readonly key: string;
  readonly keyType: "uuid" | "bigint";
  /** Which of its rows are news. */
  readonly only?: string;
}

/**
 * Changes after a moment and a key, in their order: what every `News` asks. The order is by the columns themselves: by the texts
 * that are answered, it could not be read off an index.
 */
export function changesAfter({ subject, table, at, key, keyType, only = "true" }: ChangeTable): string {
  return `select t.${subject}::text as subject, t.${at}::text as at, t.${key}::text as key from ${table} t
    where t.${at} >= $1::timestamptz and (t.${at}, t.${key}) > ($1::timestamptz, $2::${keyType}) and ${only}
    order by t.${at}, t.${key} limit $3`;
}

/** Where to hear of orders that changed. */
export const orderNews: readonly News[] = [
  {
    service: "checkout",
    firstKey: firstId,
    text: changesAfter({ subject: "id", table: "checkouts", at: "updated_at", key: "id", keyType: "uuid" }),
  },
  {
    service: "order",
    firstKey: "0",
    text: changesAfter({
      subject: "order_id",
      table: "order_history",
      at: "at",
      key: "sequence",
      keyType: "bigint",
    }),
  },
  {
    service: "order",
    firstKey: firstId,
    text: changesAfter({
      subject: "order_id",
      table: "order_refunds",
      at: "settled_at",
      key: "order_id",
      keyType: "uuid",
    }),
  },
  {
    service: "catalog",
    firstKey: "0",
    text: changesAfter({
      subject: "reference",
      table: "stock_ledger",
      at: "at",
      key: "id",
      keyType: "bigint",
      only: "reference <> ''",
    }),
  },
  {
    service: "shipping",
    firstKey: firstId,
    text: changesAfter({
      subject: "order_id",
      table: "shipment_events",
      at: "at",
      key: "order_id",
      keyType: "uuid",
    }),
  },
  {
    service: "email",
    firstKey: firstId,
    text: changesAfter({
      subject: "order_id",
      table: "mails",
      at: "created_at",
      key: "id",
      keyType: "uuid",
      only: "template = 'order-confirmation'",
    }),
  },
];
