import assert from "node:assert/strict";
import { test } from "node:test";
import { isKind, isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { openPayments, card, usd } from "../testing/open-payments.ts";
import { authorize } from "./authorize.ts";

const { client, db } = await openPayments();

function wish(number?: string) {
  return { paymentId: newId(), orderId: newId(), amount: usd(1_999n), card: card(number) };
}

test("a good card is held for the amount, and a repeat holds it no second time", async () => {
  const request = wish();
  const first = await client.authorize(request);
  const [second, third] = await Promise.all([client.authorize(request), client.authorize(request)]);
  assert.equal(first.payment?.status, "authorized");
  assert.deepEqual(first.payment?.amount?.minor, 1_999n);
  assert.deepEqual([second.payment?.status, third.payment?.status], ["authorized", "authorized"]);
  const held = await db.rows("select 1 from provider.charges where key = $1", [request.paymentId]);
  assert.equal(held.length, 1);
});

test("only services may authorize", async () => {
  const outside = testCall({ userId: newId(), role: "admin" });
  await assert.rejects(authorize({} as never, {} as never, outside), (e) => isReason(e, "SERVICE_REQUIRED"));
});

test("a card that cannot be is refused before the provider is asked", async () => {
  const request = wish("4242424242424241");
  await assert.rejects(
    client.authorize(request),
    (e) => isReason(e, "CARD_INVALID") && isKind(e, "precondition"),
  );
  const resolved = await client.resolvePayment({ paymentId: request.paymentId });
  assert.equal(resolved.payment?.status, "none");
});

test("ids that are no UUIDs and amounts that are not positive are refused by field", async () => {
  for (const broken of [{ paymentId: "1" }, { orderId: "" }, { amount: usd(0n) }, { amount: usd(-1n) }])
    await assert.rejects(client.authorize({ ...wish(), ...broken }), (e) => isReason(e, "VALIDATION_FAILED"));
});

test("a declined card stays declined for its payment id", async () => {
  for (const [number, reason] of [
    ["4000000000000002", "CARD_DECLINED"],
    ["4000000000009995", "FUNDS_INSUFFICIENT"],
  ] as const) {
    const request = wish(number);
    for (const card of [request.card, request.card, wish().card])
      await assert.rejects(
        client.authorize({ ...request, card }),
        (e) => isReason(e, reason) && isKind(e, "payment_required"),
      );
    const { payment } = await client.getPayment({ paymentId: request.paymentId });
    assert.equal(payment?.status, "declined");
    assert.equal(payment?.declineReason, reason);
  }
});

test("a provider that fails holds nothing and says so", async () => {
  const request = wish("4000000000000119");
  await assert.rejects(
    client.authorize(request),
    (e) => isReason(e, "PAYMENT_UNAVAILABLE") && isKind(e, "unavailable"),
  );
  const { payment } = await client.resolvePayment({ paymentId: request.paymentId });
  assert.equal(payment?.status, "none");
});

test("an answer that was lost is an unknown outcome, and resolving it finds the hold", async () => {
  const request = wish("4000000000000259");
  await assert.rejects(client.authorize(request), (e) => isKind(e, "deadline_exceeded"));
  const { payment } = await client.resolvePayment({ paymentId: request.paymentId });
  assert.equal(payment?.status, "authorized");
  assert.equal(payment?.orderId, request.orderId);
  const again = await client.authorize(request);
  assert.equal(again.payment?.status, "authorized");
});

test("a payment id stands for one amount and one order", async () => {
  const request = wish();
  await client.authorize(request);
  for (const other of [{ amount: usd(2_000n) }, { orderId: newId() }])
    await assert.rejects(client.authorize({ ...request, ...other }), (e) => isReason(e, "PAYMENT_ID_TAKEN"));
});

test("number and code of a card are nowhere in the database", async () => {
  const number = "4111111111111111";
  await client.authorize({ ...wish(number), card: { ...card(number), cvc: "987" } });
  const tables = ["payments", "payment_refunds", "ledger_entries", "provider.charges", "tasks"];
  for (const table of tables) {
    const rows = await db.rows(`select row_to_json(t)::text as text from ${table} t`);
    assert.doesNotMatch(
      JSON.stringify(rows, (_, value: unknown) => (typeof value === "bigint" ? "" : value)),
      /411111111111|"987"/,
    );
  }
});
