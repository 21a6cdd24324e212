// A checker that cannot see a violation does not count: each invariant is broken on purpose, seen, and mended again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
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
await shop.mustBeSound();

interface Plant {
  readonly service: string;
  /** Statements that break the rule, as a superuser whom no trigger stops. */
  readonly breaks: readonly string[];
  readonly mends: readonly string[];
}

const plants: { readonly [id: string]: Plant } = {
  "stock-ledger": {
    service: "catalog",
    breaks: [
      "update stock set on_hand = on_hand + 1 where variant_id = (select min(variant_id::text)::uuid from stock)",
    ],
    mends: [
      "update stock set on_hand = on_hand - 1 where variant_id = (select min(variant_id::text)::uuid from stock)",
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
    breaks: [
      `insert into outbox (event_id, subscriber, topic, aggregate_id, payload, dead_at)
       values ('00000000-0000-4000-8000-000000000005', 'planted', 'order.placed', 'x', '{}', now())`,
    ],
    mends: ["delete from outbox where subscriber = 'planted'"],
  },
  "events-late": {
    service: "order",
    breaks: [
      `insert into outbox (event_id, subscriber, topic, aggregate_id, payload, occurred_at)
       values ('00000000-0000-4000-8000-000000000006', 'planted', 'order.placed', 'x', '{}', now() - interval '1 hour')`,
    ],
    mends: ["delete from outbox where subscriber = 'planted'"],
  },
  "mail-once": {
    service: "order",
    breaks: [`update orders set confirmed_at = null where id = '${paidId}'`],
    mends: [`update orders set confirmed_at = now() where id = '${paidId}'`],
  },
};

async function asSuperuser(service: string, statements: readonly string[]): Promise<void> {
  const [row] = await shop.database(service).rows<{ name: string }>("select current_database() as name");
  const url = new URL(process.env["TEST_DATABASE_URL"] ?? "");
  url.pathname = `/${row?.name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query("set session_replication_role = replica");
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const books = booksOf(shop.databases);

describe("every invariant", () => {
  it("has a violation planted for it here", () => {
    assert.deepEqual(Object.keys(plants).sort(), invariants.map(({ id }) => id).sort());
  });

  for (const invariant of invariants) {
    const { id } = invariant;
    it(`${id} is seen when it is broken, and holds again when it is mended`, async () => {
      const { service, breaks, mends } = plants[id] ?? assert.fail(`nothing is planted for ${id}`);
      assert.deepEqual(await invariant.find(books, { restSeconds: 0 }), []);
      await asSuperuser(service, breaks);
      const seen = await invariant.find(books, { restSeconds: 0 });
      await asSuperuser(service, mends);
      assert.notEqual(seen.length, 0, `${id} saw nothing`);
      assert.deepEqual(await invariant.find(books, { restSeconds: 0 }), []);
    });
  }
});

it("the whole audit of a sound shop finds nothing", async () => {
  const findings = await audit(books, { restSeconds: 0 }, systemClock);
  assert.deepEqual(
    findings.filter(({ violations }) => violations.length > 0),
    [],
  );
});
