import assert from "node:assert/strict";
import { test } from "node:test";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { ledgerOf } from "../testing/ledger-store.ts";
import { card, openPayments, usd } from "../testing/open-payments.ts";

const { client, db, authorize } = await openPayments();

test("fifty parallel captures take the money once, and the ledger balances", async () => {
  const { paymentId } = await authorize(5_000n);
  const answers = await Promise.all(Array.from({ length: 50 }, () => client.capture({ paymentId })));
  for (const { payment } of answers) assert.equal(payment?.captured?.minor, 5_000n);
  assert.deepEqual(await ledgerOf(db, paymentId), { card_receivable: 5_000n, merchant_balance: -5_000n });
});

test("an unknown payment cannot be captured", async () => {
  await assert.rejects(client.capture({ paymentId: newId() }), (e) => isReason(e, "PAYMENT_NOT_FOUND"));
});

test("a declined or cancelled payment cannot be captured", async () => {
  const declined = { paymentId: newId(), orderId: newId(), amount: usd(1n), card: card("4000000000000002") };
  await assert.rejects(client.authorize(declined));
  await assert.rejects(client.capture(declined), (e) => isReason(e, "CARD_DECLINED"));
  const cancelled = await authorize();
  await client.cancelPayment(cancelled);
  await assert.rejects(client.capture(cancelled), (e) => isReason(e, "PAYMENT_CANCELLED"));
});

test("an authorisation whose record was lost in a crash is captured all the same", async () => {
  const request = { paymentId: newId(), orderId: newId(), amount: usd(700n), card: card() };
  setFailpoints((name) => {
    if (name === "payment.authorize.after-provider") throw new Error("The process ends here.");
  });
  await assert.rejects(client.authorize(request));
  setFailpoints(undefined);
  const { payment } = await client.capture(request);
  assert.equal(payment?.captured?.minor, 700n);
  assert.equal(payment?.orderId, request.orderId);
});

test("a capture whose record was lost in a crash is found by the repeat and posted once", async () => {
  const ids = await authorize(900n);
  setFailpoints((name) => {
    if (name === "payment.capture.after-provider") throw new Error("The process ends here.");
  });
  await assert.rejects(client.capture(ids));
  setFailpoints(undefined);
  await client.capture(ids);
  assert.deepEqual(await ledgerOf(db, ids.paymentId), { card_receivable: 900n, merchant_balance: -900n });
});
