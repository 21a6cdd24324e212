import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import type { ProviderState } from "./provider.ts";
import { payment } from "./service.ts";
import { findPayment, recordProviderState, reserveRefund } from "./store.ts";
import { ledgerOf } from "./testing/ledger-store.ts";

const db = await testDatabase(payment);

/** The life of one payment at the provider, in the order in which it happened. */
function lifeOf(key: string): ProviderState[] {
  const authorized: ProviderState = {
    key,
    orderId: newId(),
    isAuthorized: true,
    isVoided: false,
    declineReason: null,
    amountMinor: 1_000n,
    currency: "USD",
    capturedMinor: 0n,
    refunds: [],
    brand: "visa",
    last4: "4242",
    expiryMonth: 12,
    expiryYear: 2040,
  };
  const captured = { ...authorized, capturedMinor: 1_000n };
  const first = { key: `a:${key}`, amountMinor: 300n };
  const second = { key: `b:${key}`, amountMinor: 700n };
  return [authorized, captured, { ...captured, refunds: [first] }, { ...captured, refunds: [second, first] }];
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

/** The same life, the last refund in two parts: five pieces of news. */
function longLifeOf(key: string): ProviderState[] {
  const [authorized, captured, refunded, all] = lifeOf(key) as [
    ProviderState,
    ProviderState,
    ProviderState,
    ProviderState,
  ];
  const parts = [
    { key: `b:${key}`, amountMinor: 500n },
    { key: `c:${key}`, amountMinor: 200n },
  ];
  const [part] = parts;
  assert.ok(part);
  return [
    authorized,
    captured,
    refunded,
    { ...refunded, refunds: [...refunded.refunds, part] },
    { ...all, refunds: [...refunded.refunds, ...parts] },
  ];
}

/** Everything we keep of a payment but ids and times. */
async function booksOf(key: string): Promise<unknown> {
  const entries = await db.rows<{ entry: string }>(
    `select replace(transaction_key, $2, '') || account || side || amount_minor as entry
     from ledger_entries where payment_id = $1 order by entry`,
    [key, key],
  );
  const refunds = await db.rows(
    `select replace(refund_id, $2, '') as id, amount_minor, status from payment_refunds where payment_id = $1 order by id`,
    [key, key],
  );
  const { id: _, orderId: __, ...payment } = (await findPayment(db, key)) ?? assert.fail("no payment");
  return { payment, entries, refunds };
}

async function booksAfter(order: readonly number[]): Promise<unknown> {
  const key = newId();
  const life = longLifeOf(key);
  for (const index of order) await recordProviderState(db, life[index] ?? assert.fail("no such news"));
  if (new Set(order).size === 5) {
    assert.equal((await findPayment(db, key))?.status, "refunded", order.join());
    assert.deepEqual(await ledgerOf(db, key), { card_receivable: 0n, merchant_balance: 0n });
  }
  return await booksOf(key);
}

test("up to five pieces of news, in any order and any of them twice, end as if each had come once and in order", async () => {
  for (let count = 1; count <= 5; count += 1) {
    const inOrder = Array.from({ length: count }, (_, index) => index);
    const expected = await booksAfter(inOrder);
    const orders = permutations(inOrder).flatMap((order) => [
      order,
      [...order, ...order],
      ...order.map((again) => [...order, again]),
    ]);
    while (orders.length > 0)
      await Promise.all(
        orders
          .splice(0, 8)
          .map(async (order) => assert.deepEqual(await booksAfter(order), expected, order.join())),
      );
  }
});

test("news that arrive at the same moment end in the same state too", async () => {
  for (let round = 0; round < 20; round += 1) {
    const key = newId();
    const life = lifeOf(key);
    await Promise.all([...life, ...life].map((state) => recordProviderState(db, state)));
    const found = await findPayment(db, key);
    assert.equal(found?.status, "refunded");
    assert.equal(found?.refundedMinor, 1_000n);
  }
});

test("refunds that are only intended hold their amounts back from each other", async () => {
  for (let round = 0; round < 20; round += 1) {
    const key = newId();
    await recordProviderState(db, lifeOf(key)[1] as ProviderState);
    const wish = { paymentId: key, amountMinor: 300n, currency: "USD", reason: "test" };
    const wishes = Array.from({ length: 30 }, (_, index) =>
      reserveRefund(db, { ...wish, refundId: `${key}:${index}` }),
    );
    const outcomes = (await Promise.all(wishes)).map(({ outcome }) => outcome);
    assert.equal(outcomes.filter((outcome) => outcome === "reserved").length, 3);
  }
});

test("a late answer to an authorisation does not undo its void", async () => {
  const [authorized] = lifeOf(newId());
  assert.ok(authorized);
  await recordProviderState(db, { ...authorized, isVoided: true });
  assert.equal((await recordProviderState(db, authorized)).status, "voided");
});

test("the ledger cannot be changed, deleted from, or written out of balance", async () => {
  const key = newId();
  const [, captured] = lifeOf(key);
  await recordProviderState(db, captured as ProviderState);
  await assert.rejects(db.run("update ledger_entries set amount_minor = 1"), /append-only/);
  await assert.rejects(db.run("delete from ledger_entries"), /append-only/);
  await assert.rejects(db.run("truncate ledger_entries"), /append-only/);
  const oneSided = db.run(
    `insert into ledger_entries (transaction_key, payment_id, account, side, amount_minor, currency)
     values ('one-sided', $1, 'card_receivable', 'debit', 5, 'USD')`,
    [key],
  );
  await assert.rejects(oneSided, /does not balance/);
});

test("the database refuses more captured than authorized and more refunded than captured", async () => {
  const key = newId();
  await recordProviderState(db, lifeOf(key)[0] as ProviderState);
  await assert.rejects(
    db.run("update payments set captured_minor = 1001 where id = $1", [key]),
    /check constraint/,
  );
  await assert.rejects(
    db.run("update payments set refunded_minor = 1 where id = $1", [key]),
    /check constraint/,
  );
});
