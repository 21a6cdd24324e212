import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { ledgerOf } from "../testing/ledger-store.ts";
import { openPayments, usd } from "../testing/open-payments.ts";

const { client, db, captured, authorize } = await openPayments();

test("fifty parallel refunds give back no more than was captured, to the last unit", async () => {
  const { paymentId } = await captured(1_000n);
  const refunds = Array.from({ length: 50 }, (_, index) =>
    client.refund({ paymentId, refundId: `parallel-${index}`, amount: usd(70n), reason: "test" }),
  );
  const outcomes = await Promise.allSettled(refunds);
  const given = outcomes.filter(({ status }) => status === "fulfilled").length;
  for (const outcome of outcomes)
    if (outcome.status === "rejected") assert.ok(isReason(outcome.reason, "REFUND_EXCEEDS_CAPTURED"));
  assert.equal(given, 14);
  const { payment } = await client.getPayment({ paymentId });
  assert.equal(payment?.refunded?.minor, 980n);
  assert.equal(payment?.status, "partially_refunded");
  const last = await client.refund({ paymentId, refundId: "rest", amount: usd(20n) });
  assert.equal(last.payment?.status, "refunded");
  assert.deepEqual(await ledgerOf(db, paymentId), { card_receivable: 0n, merchant_balance: 0n });
});

test("the same refund asked for fifty times at once is given once", async () => {
  const { paymentId } = await captured(1_000n);
  const refundId = newId();
  await Promise.all(
    Array.from({ length: 50 }, () => client.refund({ paymentId, refundId, amount: usd(300n) })),
  );
  const { payment } = await client.getPayment({ paymentId });
  assert.equal(payment?.refunded?.minor, 300n);
});

test("a refund of nothing, or without a name, is refused", async () => {
  const { paymentId } = await captured();
  for (const broken of [{ amount: usd(0n) }, { refundId: "" }, { refundId: "x".repeat(256) }])
    await assert.rejects(client.refund({ paymentId, refundId: newId(), amount: usd(1n), ...broken }), (e) =>
      isReason(e, "VALIDATION_FAILED"),
    );
});

test("an unknown payment cannot be refunded", async () => {
  const request = { paymentId: newId(), refundId: newId(), amount: usd(1n) };
  await assert.rejects(client.refund(request), (e) => isReason(e, "PAYMENT_NOT_FOUND"));
});

test("what was only held cannot be refunded, nor in another currency than it was taken in", async () => {
  const held = await authorize();
  const request = { refundId: newId(), amount: usd(1n) };
  await assert.rejects(client.refund({ ...held, ...request }), (e) => isReason(e, "REFUND_EXCEEDS_CAPTURED"));
  const taken = await captured();
  const euros = { ...taken, refundId: newId(), amount: { currencyCode: "EUR", minor: 1n } };
  await assert.rejects(client.refund(euros), (e) => isReason(e, "REFUND_EXCEEDS_CAPTURED"));
});

test("a refund id stands for one amount of one payment", async () => {
  const ids = await captured();
  const refundId = newId();
  await client.refund({ ...ids, refundId, amount: usd(10n) });
  await assert.rejects(client.refund({ ...ids, refundId, amount: usd(11n) }), (e) =>
    isReason(e, "REFUND_ID_TAKEN"),
  );
  const other = await captured();
  await assert.rejects(client.refund({ ...other, refundId, amount: usd(10n) }), (e) =>
    isReason(e, "REFUND_ID_TAKEN"),
  );
});
