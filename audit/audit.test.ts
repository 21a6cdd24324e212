// A checker that cannot see a violation does not count: each invariant is broken on purpose, seen, and mended again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import pg from "pg";
import { recordActivity } from "#platform/activity/activity.ts";
import { sealNext } from "#platform/activity/activity-jobs.ts";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { openBackEnd, orderRequest } from "../test/lab/whole-shop.ts";
import { audit, booksOf, invariants } from "./audit.ts";

const shop = await openBackEnd();
const { order: paid } = await shop.checkout.placeOrder(
  orderRequest({ userId: newRandomId(), items: [{ productId: "OLJCESPC7Z", quantity: 2 }] }),
);
const { order: dropped } = await shop.checkout.placeOrder(
  orderRequest({ userId: newRandomId(), items: [{ productId: "6E92ZMYYFZ", quantity: 1 }] }),
);
const paidId = paid?.id ?? assert.fail("no order");
const droppedId = dropped?.id ?? assert.fail("no order");
await shop.order.updateStatus({ orderId: droppedId, status: "cancelled" });
const orderDb = shop.database("order");
for (const reason of ["first", "second", "third"])
  await orderDb.inTransaction(async (tx) => {
    const subject = { kind: "order", id: paidId };
    await recordActivity(tx, { action: "order.look", subject, about: "buyer", reason });
  });
while ((await sealNext(orderDb, 100)) > 0);
await shop.mustBeSound();

/** The one line of each order: what is swapped for what. */
const paidLine = paid?.items[0] ?? assert.fail("no line");
const droppedLine = dropped?.items[0] ?? assert.fail("no line");

/** A statement for the plant's own service, or one for another. */
type Statement = string | readonly [service: string, text: string];

interface Plant {
  readonly service: string;
  /** Statements that break the rule, as a superuser whom no trigger stops. */
  readonly breaks: readonly Statement[];
  readonly mends: readonly Statement[];
}

/** By invariant; what stands behind it in brackets is one of several ways to break it. */
const plants: { readonly [name: string]: Plant } = {
  "stock-ledger": {
    service: "catalog",
    breaks: [
      "update stock set on_hand = on_hand + 1 where variant_id = (select min(variant_id::text)::uuid from stock)",
    ],
    mends: [
      "update stock set on_hand = on_hand - 1 where variant_id = (select min(variant_id::text)::uuid from stock)",
    ],
  },
  "stock-ledger (a line is gone)": {
    service: "catalog",
    breaks: [
      `create table kept as select * from stock_ledger where reference = '${droppedId}' and change < 0`,
      "delete from stock_ledger where id = (select id from kept)",
    ],
    mends: ["insert into stock_ledger overriding system value select * from kept", "drop table kept"],
  },
  "stock-ledger (a line was changed)": {
    service: "catalog",
    breaks: [`update stock_ledger set change = change - 1 where reference = '${paidId}'`],
    mends: [`update stock_ledger set change = change + 1 where reference = '${paidId}'`],
  },
  "stock-opened": {
    service: "catalog",
    breaks: [`update stock_ledger set reason = 'opening stock' where reference = '${paidId}'`],
    mends: [`update stock_ledger set reason = 'sale' where reference = '${paidId}'`],
  },
  "stock-opened (a form sets back what was sold)": {
    service: "catalog",
    breaks: [
      `insert into stock_ledger (variant_id, change, on_hand_after, reason, actor, reference)
       select variant_id, 2, on_hand + 2, 'opening stock', 'planted', '' from stock where variant_id = '${paidLine.variantId}'`,
      `update stock set on_hand = on_hand + 2 where variant_id = '${paidLine.variantId}'`,
    ],
    mends: [
      "delete from stock_ledger where actor = 'planted'",
      `update stock set on_hand = on_hand - 2 where variant_id = '${paidLine.variantId}'`,
    ],
  },
  "variant-identity": {
    service: "catalog",
    breaks: [
      "create table kept as select id, sku, options from product_variants",
      `update product_variants set sku = 'PLANTED', options = '{"size": "XXL"}' where id = '${paidLine.variantId}'`,
    ],
    mends: [
      `update product_variants as v set sku = kept.sku, options = kept.options from kept
       where v.id = kept.id and v.id = '${paidLine.variantId}'`,
      "drop table kept",
    ],
  },
  "stock-moved (given back to another variant)": {
    service: "catalog",
    breaks: [
      `update stock_ledger set variant_id = '${paidLine.variantId}' where reference = '${droppedId}' and change > 0`,
    ],
    mends: [
      `update stock_ledger set variant_id = '${droppedLine.variantId}' where reference = '${droppedId}' and change > 0`,
    ],
  },
  "stock-moved (nothing given back)": {
    service: "catalog",
    breaks: [`update stock_ledger set reference = 'planted' where reference = '${droppedId}' and change > 0`],
    mends: [`update stock_ledger set reference = '${droppedId}' where reference = 'planted'`],
  },
  "stock-moved (another variant than the one reserved)": {
    service: "catalog",
    breaks: [
      `update stock_reservation_lines set variant_id = '${droppedLine.variantId}' where reservation_id = '${paidId}'`,
    ],
    mends: [
      `update stock_reservation_lines set variant_id = '${paidLine.variantId}' where reservation_id = '${paidId}'`,
    ],
  },
  "stock-bounds": {
    service: "catalog",
    breaks: [
      "alter table stock drop constraint stock_reserved_is_there",
      "update stock set reserved = on_hand + 1 where variant_id = (select min(variant_id::text)::uuid from stock)",
    ],
    mends: [
      "update stock set reserved = 0 where variant_id = (select min(variant_id::text)::uuid from stock)",
      "alter table stock add constraint stock_reserved_is_there check (0 <= reserved and reserved <= on_hand)",
    ],
  },
  "stock-reserved": {
    service: "catalog",
    breaks: [
      "update stock set reserved = reserved + 1 where variant_id = (select min(variant_id::text)::uuid from stock)",
    ],
    mends: [
      "update stock set reserved = reserved - 1 where variant_id = (select min(variant_id::text)::uuid from stock)",
    ],
  },
  "stock-sold": {
    service: "catalog",
    breaks: [`update stock_reservation_lines set quantity = quantity + 1 where reservation_id = '${paidId}'`],
    mends: [`update stock_reservation_lines set quantity = quantity - 1 where reservation_id = '${paidId}'`],
  },
  "money-orders": {
    service: "payment",
    breaks: [`update provider.charges set captured_minor = captured_minor - 1 where order_id = '${paidId}'`],
    mends: [`update provider.charges set captured_minor = captured_minor + 1 where order_id = '${paidId}'`],
  },
  "money-provider": {
    service: "payment",
    breaks: [
      `update payments set refunded_minor = 1, updated_at = now() - interval '1 hour' where order_id = '${paidId}'`,
    ],
    mends: [`update payments set refunded_minor = 0 where order_id = '${paidId}'`],
  },
  "money-one-payment": {
    service: "payment",
    breaks: [
      `insert into provider.charges (key, order_id, is_authorized, amount_minor, currency)
       values ('00000000-0000-4000-8000-000000000001', '${paidId}', true, 1, 'USD')`,
    ],
    mends: ["delete from provider.charges where key = '00000000-0000-4000-8000-000000000001'"],
  },
  "money-provider (we know no such charge)": {
    service: "payment",
    breaks: [
      `insert into provider.charges (key, is_authorized, amount_minor, captured_minor, currency, changed_at)
       values ('00000000-0000-4000-8000-000000000007', true, 1, 1, 'USD', now() - interval '3 days')`,
    ],
    mends: ["delete from provider.charges where key = '00000000-0000-4000-8000-000000000007'"],
  },
  "money-provider (the provider knows no such charge)": {
    service: "payment",
    breaks: [
      `insert into payments (id, is_authorized, amount_minor, currency) values ('00000000-0000-4000-8000-000000000008', true, 1, 'USD')`,
    ],
    mends: ["delete from payments where id = '00000000-0000-4000-8000-000000000008'"],
  },
  "money-one-payment (of an order that nobody knows)": {
    service: "payment",
    breaks: [
      `insert into provider.charges (key, order_id, is_authorized, amount_minor, currency)
       values ('00000000-0000-4000-8000-000000000009', '${newRandomId()}', true, 1, 'USD')`,
    ],
    mends: ["delete from provider.charges where key = '00000000-0000-4000-8000-000000000009'"],
  },
  "money-orders (an order without a payment)": {
    service: "payment",
    breaks: [
      `create table provider.kept as select * from provider.charges where order_id = '${paidId}'`,
      `delete from provider.charges where order_id = '${paidId}'`,
    ],
    mends: [
      "insert into provider.charges overriding system value select * from provider.kept",
      "drop table provider.kept",
    ],
  },
  "money-ledger": {
    service: "payment",
    breaks: [
      `insert into ledger_entries (transaction_key, payment_id, account, side, amount_minor, currency)
       select 'planted', id, 'card_receivable', 'debit', 1, 'USD' from payments where order_id = '${paidId}'`,
    ],
    mends: ["delete from ledger_entries where transaction_key = 'planted'"],
  },
  "money-ledger-payments": {
    service: "payment",
    breaks: [
      `insert into ledger_entries (transaction_key, payment_id, account, side, amount_minor, currency)
       select 'planted', id, 'merchant_balance', 'credit', 1, 'USD' from payments where order_id = '${paidId}'`,
    ],
    mends: ["delete from ledger_entries where transaction_key = 'planted'"],
  },
  "money-bounds": {
    service: "payment",
    breaks: [
      "alter table provider.charges drop constraint charges_check1",
      `update provider.charges set refunded_minor = captured_minor + 1 where order_id = '${paidId}'`,
    ],
    mends: [
      `update provider.charges set refunded_minor = 0 where order_id = '${paidId}'`,
      "alter table provider.charges add constraint charges_check1 check (refunded_minor <= captured_minor)",
    ],
  },
  "order-total": {
    service: "order",
    breaks: [
      `update order_items set price_minor = price_minor + 1, subtotal_minor = subtotal_minor + quantity where order_id = '${paidId}'`,
    ],
    mends: [
      `update order_items set price_minor = price_minor - 1, subtotal_minor = subtotal_minor - quantity where order_id = '${paidId}'`,
    ],
  },
  "order-history": {
    service: "order",
    breaks: [
      `insert into order_history (order_id, from_status, to_status, actor) values ('${paidId}', 'processing', 'delivered', 'planted')`,
    ],
    mends: ["delete from order_history where actor = 'planted'"],
  },
  "order-history (the status is another)": {
    service: "order",
    breaks: [`update orders set status = 'delivered' where id = '${paidId}'`],
    mends: [`update orders set status = 'processing' where id = '${paidId}'`],
  },
  "order-state": {
    service: "order",
    breaks: [`update orders set payment_status = 'refunded' where id = '${paidId}'`],
    mends: [`update orders set payment_status = 'captured' where id = '${paidId}'`],
  },
  "order-state (a refund that its history does not know)": {
    service: "order",
    breaks: [
      `update orders set refunded_minor = 1, payment_status = 'partially_refunded' where id = '${paidId}'`,
    ],
    mends: [`update orders set refunded_minor = 0, payment_status = 'captured' where id = '${paidId}'`],
  },
  "order-state (paid, and nothing captured)": {
    service: "order",
    breaks: [`update orders set captured_minor = 0 where id = '${paidId}'`],
    mends: [`update orders set captured_minor = total_minor where id = '${paidId}'`],
  },
  "order-lines": {
    service: "order",
    breaks: [
      `update order_items set variant_id = '${droppedLine.variantId}', product_id = '${droppedLine.productId}' where order_id = '${paidId}'`,
    ],
    mends: [
      `update order_items set variant_id = '${paidLine.variantId}', product_id = '${paidLine.productId}' where order_id = '${paidId}'`,
    ],
  },
  "order-lines (order and reservation agree, and differ from what was quoted)": {
    service: "order",
    breaks: [
      `update order_items set variant_id = '${droppedLine.variantId}', product_id = '${droppedLine.productId}' where order_id = '${paidId}'`,
      [
        "catalog",
        `update stock_reservation_lines set variant_id = '${droppedLine.variantId}' where reservation_id = '${paidId}'`,
      ],
      [
        "catalog",
        `update stock_ledger set variant_id = '${droppedLine.variantId}' where reference = '${paidId}'`,
      ],
    ],
    mends: [
      `update order_items set variant_id = '${paidLine.variantId}', product_id = '${paidLine.productId}' where order_id = '${paidId}'`,
      [
        "catalog",
        `update stock_reservation_lines set variant_id = '${paidLine.variantId}' where reservation_id = '${paidId}'`,
      ],
      [
        "catalog",
        `update stock_ledger set variant_id = '${paidLine.variantId}' where reference = '${paidId}'`,
      ],
    ],
  },
  "order-variants": {
    service: "order",
    breaks: [`update order_items set variant_id = '${droppedLine.variantId}' where order_id = '${paidId}'`],
    mends: [`update order_items set variant_id = '${paidLine.variantId}' where order_id = '${paidId}'`],
  },
  "order-variants (there is no such variant)": {
    service: "order",
    breaks: [`update order_items set variant_id = '${newRandomId()}' where order_id = '${paidId}'`],
    mends: [`update order_items set variant_id = '${paidLine.variantId}' where order_id = '${paidId}'`],
  },
  "order-variants (the variant went to another product)": {
    service: "catalog",
    breaks: [
      `update product_variants set product_id = '${droppedLine.productId}' where id = '${paidLine.variantId}'`,
    ],
    mends: [
      `update product_variants set product_id = '${paidLine.productId}' where id = '${paidLine.variantId}'`,
    ],
  },
  "order-parcel": {
    service: "shipping",
    breaks: [
      `create table kept as select * from shipments where order_id = '${paidId}'`,
      `delete from shipments where order_id = '${paidId}'`,
    ],
    mends: ["insert into shipments select * from kept", "drop table kept"],
  },
  "order-cancels": {
    service: "order",
    breaks: [
      `update cancel_tasks set done_at = null, created_at = now() - interval '1 hour', next_attempt_at = now() + interval '1 hour'
       where order_id = '${droppedId}'`,
    ],
    mends: [`update cancel_tasks set done_at = now() where order_id = '${droppedId}'`],
  },
  "orders-lost": {
    service: "order",
    breaks: [`update orders set abandoned_at = now() where id = '${paidId}'`],
    mends: [`update orders set abandoned_at = null where id = '${paidId}'`],
  },
  "orphan-reservations": {
    service: "catalog",
    breaks: [`update stock_reservations set status = 'committed' where id = '${droppedId}'`],
    mends: [`update stock_reservations set status = 'released' where id = '${droppedId}'`],
  },
  "orphan-reservations (of nothing)": {
    service: "catalog",
    breaks: [
      `insert into stock_reservations (id, status, expires_at) values ('00000000-0000-7000-8000-00000000000a', 'committed', now())`,
    ],
    mends: ["delete from stock_reservations where id = '00000000-0000-7000-8000-00000000000a'"],
  },
  "orphan-shipments (of nothing)": {
    service: "shipping",
    breaks: [
      `insert into shipments (order_id, status, tracking_number) values ('00000000-0000-7000-8000-00000000000b', 'in_transit', 'planted')`,
    ],
    mends: ["delete from shipments where tracking_number = 'planted'"],
  },
  "orphan-shipments": {
    service: "shipping",
    breaks: [`update shipments set status = 'in_transit' where order_id = '${droppedId}'`],
    mends: [`update shipments set status = 'cancelled' where order_id = '${droppedId}'`],
  },
  "checkouts-stuck": {
    service: "checkout",
    breaks: [
      `insert into checkouts (id, user_id, payment_id, status, purchase, owner, lease_until, created_at)
       values ('00000000-0000-4000-8000-000000000002', '${paidId}', '${paidId}', 'running', '{}', 'planted',
         now() + interval '1 hour', now() - interval '1 hour')`,
    ],
    mends: ["delete from checkouts where owner = 'planted'"],
  },
  "cart-bought-once": {
    service: "checkout",
    breaks: [
      "drop index checkouts_cart_version",
      ...[3, 4].map(
        (
          number,
        ) => `insert into checkouts (id, user_id, payment_id, cart_version, status, purchase, outcome, owner, lease_until, updated_at)
         values ('00000000-0000-4000-8000-00000000000${number}', '${paidId}', '${paidId}', 1, 'completed', '{}', '{}', 'planted', now(),
           now() + interval '1 hour')`,
      ),
    ],
    mends: ["delete from checkouts where owner = 'planted'"],
  },
  "events-dead": {
    service: "order",
    breaks: [`insert into tasks (name, key, lane, dead_at) values ('deliver-to-planted', '5', 'x', now())`],
    mends: ["delete from tasks where name = 'deliver-to-planted'"],
  },
  "tasks-dead-checkout": {
    service: "checkout",
    breaks: ["insert into tasks (name, key, dead_at) values ('planted', '7', now())"],
    mends: ["delete from tasks where name = 'planted'"],
  },
  "tasks-dead-payment": {
    service: "payment",
    breaks: ["insert into tasks (name, key, dead_at) values ('planted', '7', now())"],
    mends: ["delete from tasks where name = 'planted'"],
  },
  "tasks-dead-order": {
    service: "order",
    breaks: ["insert into tasks (name, key, dead_at) values ('planted', '7', now())"],
    mends: ["delete from tasks where name = 'planted'"],
  },
  "events-late": {
    service: "order",
    breaks: [
      `insert into tasks (name, key, lane, created_at) values ('deliver-to-planted', '6', 'x', now() - interval '1 hour')`,
    ],
    mends: ["delete from tasks where name = 'deliver-to-planted'"],
  },
  "activity-chain (a row was changed)": {
    service: "order",
    breaks: ["update activity set actor = 'somebody else' where position = 2"],
    mends: ["update activity set actor = 'anonymous' where position = 2"],
  },
  "activity-chain (a row was removed)": {
    service: "order",
    breaks: [
      "create table kept as select * from activity where position = 2",
      "delete from activity where position = 2",
    ],
    mends: ["insert into activity overriding system value select * from kept", "drop table kept"],
  },
  "activity-chain (the newest row was removed)": {
    service: "order",
    breaks: [
      "create table kept as select * from activity where position = (select max(position) from activity)",
      "delete from activity where sequence in (select sequence from kept)",
    ],
    mends: ["insert into activity overriding system value select * from kept", "drop table kept"],
  },
  "activity-chain (all was removed)": {
    service: "order",
    breaks: ["create table kept as select * from activity", "delete from activity"],
    mends: ["insert into activity overriding system value select * from kept", "drop table kept"],
  },
  "activity-chain (two rows changed places)": {
    service: "order",
    breaks: [
      "create table kept as select position, hash from activity where position in (2, 3)",
      "alter table activity drop constraint activity_position_key",
      "update activity a set position = k.position, hash = k.hash from kept k where a.position in (2, 3) and k.position = 5 - a.position",
    ],
    mends: [
      "update activity a set position = k.position, hash = k.hash from kept k where a.position in (2, 3) and k.position = 5 - a.position",
      "alter table activity add unique (position)",
      "drop table kept",
    ],
  },
  "activity-chain (the beginning was dropped)": {
    service: "order",
    breaks: [
      "create table kept as select * from activity where position = 1",
      "create table ends as select * from activity_chain",
      "update activity_chain set first_position = 2, anchor = (select hash from kept)",
      "delete from activity where position = 1",
    ],
    mends: [
      "insert into activity overriding system value select * from kept",
      "update activity_chain c set first_position = e.first_position, anchor = e.anchor from ends e",
      "drop table kept",
      "drop table ends",
    ],
  },
  "activity-chain (a reason was rewritten)": {
    service: "order",
    breaks: ["update activity_personal set value = 'planted' where value = 'second'"],
    mends: ["update activity_personal set value = 'second' where value = 'planted'"],
  },
  "activity-chain (a reason is gone, and nobody was erased)": {
    service: "order",
    breaks: [
      "create table kept as select * from activity_personal where value = 'second'",
      "delete from activity_personal where value = 'second'",
    ],
    mends: ["insert into activity_personal select * from kept", "drop table kept"],
  },
  "mail-once": {
    service: "order",
    breaks: [`update orders set confirmed_at = null where id = '${paidId}'`],
    mends: [`update orders set confirmed_at = now() where id = '${paidId}'`],
  },
  "mail-once (none)": {
    service: "email",
    breaks: [
      `update mails set template = 'planted' where order_id = '${paidId}' and template = 'order-confirmation'`,
    ],
    mends: ["update mails set template = 'order-confirmation' where template = 'planted'"],
  },
};

async function asSuperuser(service: string, statements: readonly Statement[]): Promise<void> {
  for (const statement of statements) {
    const [of, text] = typeof statement === "string" ? [service, statement] : statement;
    const [row] = await shop.database(of).rows<{ name: string }>("select current_database() as name");
    const url = new URL(process.env["TEST_DATABASE_URL"] ?? "");
    url.pathname = `/${row?.name}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query("set session_replication_role = replica");
    await client.query(text);
    await client.end();
  }
}

const books = booksOf(shop.databases);
/** Nothing moves here between a look and the one that confirms it. */
const clock: Clock = { ...systemClock, sleep: () => Promise.resolve() };

async function broken(): Promise<Map<string, readonly string[]>> {
  const findings = await audit(books, { restSeconds: 0 }, clock);
  return new Map(
    findings.flatMap(({ invariant, violations }) =>
      violations.length > 0 ? [[invariant.id, violations] as const] : [],
    ),
  );
}

describe("every invariant", () => {
  const planted = Object.keys(plants).map((name) => name.replace(/ \(.*/, ""));

  it("has a violation planted for it here", () => {
    assert.deepEqual([...new Set(planted)].sort(), [...new Set(invariants.map(({ id }) => id))].sort());
  });

  for (const [name, { service, breaks, mends }] of Object.entries(plants)) {
    it(`${name} is seen when it is broken, and holds again when it is mended`, async () => {
      assert.deepEqual(await broken(), new Map());
      await asSuperuser(service, breaks);
      const seen = await broken();
      await asSuperuser(service, mends);
      assert.ok(
        seen.has(name.replace(/ \(.*/, "")),
        `${name} saw nothing; seen were ${[...seen.keys()].join(", ")}`,
      );
      assert.deepEqual(await broken(), new Map());
    });
  }
});

it("money at a provider elsewhere is judged by our own books of it", async () => {
  await asSuperuser("payment", [
    `create table provider.kept as select * from provider.charges where order_id = '${paidId}'`,
    `delete from provider.charges where order_id = '${paidId}'`,
    `update payments set provider = 'elsewhere' where order_id = '${paidId}'`,
  ]);
  assert.deepEqual(await broken(), new Map());
  await asSuperuser("payment", [
    `update payments set captured_minor = captured_minor - 1 where order_id = '${paidId}'`,
  ]);
  assert.deepEqual([...(await broken()).keys()], ["money-orders", "money-ledger-payments"]);
  await asSuperuser("payment", [
    `update payments set captured_minor = captured_minor + 1, provider = null where order_id = '${paidId}'`,
    "insert into provider.charges overriding system value select * from provider.kept",
    "drop table provider.kept",
  ]);
  assert.deepEqual(await broken(), new Map());
});
