// A shop with a past: any number of orders in the books of all services, written by PostgreSQL itself. They are as the services
// would have left them, so that every invariant of the audit holds.
import pg from "pg";

export interface ManyOrders {
  /** The address of a service's database, for a superuser: no trigger and no foreign key is asked. */
  readonly superuserUrl: (service: string) => Promise<string> | string;
  /** Their numbers. Each is written once in the life of a shop, in rising order. */
  readonly from: number;
  readonly to: number;
  /** When the first of them was placed, and how long after each comes the next. */
  readonly firstMs: number;
  readonly stepMs: number;
}

/**
 * Writes the orders: two lines each, one in 20 cancelled, one in 50 refunded in part, all others delivered. Only the confirmation
 * mail is written, and it is short.
 */
export async function writeManyOrders(wish: ManyOrders): Promise<void> {
  const goods = await asSuperuser(wish, "catalog", async (client) => {
    const { rows } = await client.query<{ goods: string }>(
      `select jsonb_agg(jsonb_build_object('variant', v.id, 'product', v.product_id, 'price', v.price_minor) order by v.id)::text as goods
       from product_variants v join stock s on s.variant_id = v.id where v.deleted_at is null`,
    );
    return rows[0]?.goods ?? "[]";
  });
  for (const [service, statements] of Object.entries(books)) {
    await asSuperuser(wish, service, async (client) => {
      await client.query(madeTable);
      await client.query(madeRows, [wish.from, wish.to, wish.firstMs, wish.stepMs, goods]);
      for (const statement of statements) await client.query(statement);
    });
  }
}

async function asSuperuser<T>(
  { superuserUrl }: ManyOrders,
  service: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: await superuserUrl(service) });
  await client.connect();
  try {
    await client.query("set session_replication_role = replica");
    await client.query("set work_mem = '128MB'");
    return await work(client);
  } finally {
    await client.end();
  }
}

const madeTable = `create temp table made (
  n bigint, id uuid, payment_id uuid, user_id uuid, at timestamptz, is_cancelled boolean, is_refunded boolean,
  v1 uuid, p1 uuid, m1 bigint, q1 bigint, v2 uuid, p2 uuid, m2 bigint, q2 bigint, subtotal bigint, total bigint)`;

const madeRows = `insert into made
  with goods as (
    select (ordinality - 1)::bigint as k, (g ->> 'variant')::uuid as v, (g ->> 'product')::uuid as p, (g ->> 'price')::bigint as m
    from jsonb_array_elements($5::jsonb) with ordinality as list (g, ordinality)),
  counted as (select count(*) as size from goods)
  select n, (substr(time, 1, 8) || '-' || substr(time, 9, 4) || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
    md5('payment ' || n)::uuid, md5('user ' || n / 3)::uuid, to_timestamp(ms / 1000.0), n % 20 = 0, n % 50 = 1,
    one.v, one.p, one.m, 1 + n % 2, two.v, two.p, two.m, 1, one.m * (1 + n % 2) + two.m, one.m * (1 + n % 2) + two.m + 500
  from generate_series($1::bigint, $2::bigint) as n
  cross join lateral (select $3::bigint + (n - $1::bigint) * $4::bigint as ms) as moment
  cross join lateral (select lpad(to_hex(ms), 12, '0') as time) as hex
  cross join counted
  join goods one on one.k = n % counted.size
  join goods two on two.k = (n + 1) % counted.size
  order by n`;

const address = `jsonb_build_object('fullName', 'Ada Lovelace', 'line1', n || ' Analytical Way', 'line2', '', 'city', 'New York',
  'region', 'NY', 'postalCode', '10001', 'country', 'US', 'freeText', false)`;

const lineJson = (
  number: 1 | 2,
) => `jsonb_build_object('productId', p${number}, 'variantId', v${number}, 'productCode', '',
  'name', 'A thing of many', 'quantity', q${number},
  'unitPrice', jsonb_build_object('minor', m${number} || 'n', 'currencyCode', 'USD'),
  'subtotal', jsonb_build_object('minor', m${number} * q${number} || 'n', 'currencyCode', 'USD'))`;

/** What stands in the books of each service. */
const books: { readonly [service: string]: readonly string[] } = {
  checkout: [
    `insert into checkouts (id, user_id, payment_id, cart_version, status, purchase, outcome, owner, lease_until, created_at, updated_at)
     select id, user_id, payment_id, n, 'completed',
       jsonb_build_object('userId', user_id, 'email', 'ada@example.com', 'currencyCode', 'USD', 'address', ${address},
         'shippingMethodCode', 'standard', 'rateSnapshotId', '', 'cartVersion', n || 'n',
         'lines', jsonb_build_array(${lineJson(1)}, ${lineJson(2)})),
       jsonb_build_object('order', jsonb_build_object('id', id, 'email', 'ada@example.com', 'shippingAddress', ${address})),
       'made', at + interval '5 seconds', at, at + interval '1 second' from made order by n`,
  ],
  order: [
    `insert into orders (id, order_number, user_id, email, status, currency, currency_decimals, subtotal_minor, discount_minor,
       shipping_minor, tax_minor, total_minor, shipping_address, shipping_method_code, tracking_number, payment_id, payment_status,
       payment_brand, payment_last4, captured_minor, refunded_minor, confirmed_at, created_at, updated_at)
     select id, 'S-' || lpad(n::text, 10, '0'), user_id, 'ada@example.com', case when is_cancelled then 'cancelled' else 'delivered' end,
       'USD', 2, subtotal, 0, 500, 0, total, ${address}, 'standard', 'T' || n, payment_id,
       case when is_cancelled then 'refunded' when is_refunded then 'partially_refunded' else 'captured' end, 'visa', '4242', total,
       case when is_cancelled then total when is_refunded then 100 else 0 end, at, at, at + interval '1 second' from made order by n`,
    `insert into order_items (id, order_id, line_number, product_id, variant_id, name, quantity, currency_decimals, price_minor, subtotal_minor)
     select md5('item 1 ' || n)::uuid, id, 1, p1, v1, 'A thing of many', q1, 2, m1, m1 * q1 from made
     union all select md5('item 2 ' || n)::uuid, id, 2, p2, v2, 'A thing of many', q2, 2, m2, m2 * q2 from made order by 2, 3`,
    `insert into order_history (order_id, from_status, to_status, actor, at)
     select id, from_status, to_status, 'service:checkout', at from made cross join lateral (values
       (1, null, 'pending', true), (2, 'pending', 'processing', true), (3, 'processing', 'cancelled', is_cancelled),
       (3, 'processing', 'shipped', not is_cancelled), (4, 'shipped', 'delivered', not is_cancelled))
       as step (number, from_status, to_status, is_taken) where is_taken order by n, number`,
    `insert into cancel_tasks (order_id, created_at, done_at) select id, at, at + interval '1 second' from made where is_cancelled`,
    `insert into order_refunds (order_id, refund_id, amount_minor, actor, status, created_at, settled_at)
     select id, 'goodwill', 100, 'staff', 'done', at, at + interval '1 second' from made where is_refunded and not is_cancelled`,
  ],
  catalog: [
    `insert into stock_reservations (id, status, expires_at, created_at, ended_at)
     select id::text, case when is_cancelled then 'released' else 'committed' end, at, at, at from made order by n`,
    `insert into stock_reservation_lines (reservation_id, variant_id, quantity)
     select id::text, v1, q1 from made union all select id::text, v2, q2 from made order by 1`,
    `create temp table moves as
       select n, 1 as step, v1 as variant, -q1 as change, 'sale' as reason, id::text as reference, at from made
       union all select n, 1, v2, -q2, 'sale', id::text, at from made
       union all select n, 2, v1, q1, 'return', id::text, at from made where is_cancelled
       union all select n, 2, v2, q2, 'return', id::text, at from made where is_cancelled
       union all select 0, 0, variant, count(*) * 3, 'received', '', min(at)
         from (select v1 as variant, at from made union all select v2, at from made) as wanted group by variant`,
    `insert into stock_ledger (variant_id, change, reason, actor, reference, at, on_hand_after)
     select variant, change, reason, 'service:checkout', reference, at,
       s.on_hand + sum(change) over (partition by variant order by n, step)
     from moves join stock s on s.variant_id = variant order by n, step`,
    `update stock set on_hand = on_hand + (select sum(change) from moves where variant = variant_id)
     where variant_id in (select variant from moves)`,
  ],
  payment: [
    `insert into provider.charges (key, order_id, is_authorized, amount_minor, currency, captured_minor, refunded_minor, brand, last4, changed_at)
     select payment_id, id, true, total, 'USD', total, case when is_cancelled then total when is_refunded then 100 else 0 end,
       'visa', '4242', at + interval '1 second' from made order by n`,
    `insert into payments (id, order_id, is_authorized, amount_minor, currency, captured_minor, refunded_minor, brand, last4,
       cancel_requested_at, cancelled_at, created_at, updated_at)
     select payment_id, id, true, total, 'USD', total, case when is_cancelled then total when is_refunded then 100 else 0 end,
       'visa', '4242', case when is_cancelled then at end, case when is_cancelled then at end, at, at + interval '1 second'
     from made order by n`,
    `insert into payment_refunds (refund_id, payment_id, amount_minor, status, created_at, settled_at)
     select 'cancel:' || payment_id, payment_id, total, 'done', at, at from made where is_cancelled
     union all select id || ':goodwill', payment_id, 100, 'done', at, at from made where is_refunded and not is_cancelled`,
    `insert into ledger_entries (transaction_key, payment_id, account, side, amount_minor, currency, created_at)
     select 'capture:' || payment_id, payment_id, account, side, total, 'USD', at from made
       cross join (values ('card_receivable', 'debit'), ('merchant_balance', 'credit')) as entry (account, side)
     union all select 'refund:cancel:' || payment_id, payment_id, account, side, total, 'USD', at from made
       cross join (values ('merchant_balance', 'debit'), ('card_receivable', 'credit')) as entry (account, side) where is_cancelled
     union all select 'refund:' || id || ':goodwill', payment_id, account, side, 100, 'USD', at from made
       cross join (values ('merchant_balance', 'debit'), ('card_receivable', 'credit')) as entry (account, side)
       where is_refunded and not is_cancelled`,
  ],
  shipping: [
    `insert into shipments (order_id, status, tracking_number, method_code, country, address, items, created_at, updated_at)
     select id, case when is_cancelled then 'cancelled' else 'delivered' end, 'T' || n, 'standard', 'US', ${address}::json,
       json_build_array(json_build_object('variantId', v1, 'quantity', q1), json_build_object('variantId', v2, 'quantity', q2)),
       at, at from made order by n`,
    `insert into shipment_events (order_id, status, at)
     select id, status, at from made cross join lateral (values
       ('label_created', true), ('cancelled', is_cancelled), ('in_transit', not is_cancelled), ('delivered', not is_cancelled))
       as step (status, is_taken) where is_taken order by n`,
  ],
  email: [
    `insert into mails (id, order_id, template, recipient, subject, html, text, status, created_at, sent_at)
     select overlay(id::text placing '9' from 20 for 1)::uuid, id::text, 'order-confirmation', 'ada@example.com', 'Your order S-' || n,
       repeat('<p>Thank you.</p>', 20), repeat('Thank you.', 20), 'sent', at, at from made order by n`,
  ],
};
