// The payment service with Stripe, while its webhooks come first, doubled, reordered, or never.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import type { Database } from "#platform/database/db.ts";
import { isReason } from "#platform/kit/errors.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { testServices } from "#platform/testing/services.ts";
import { payment } from "../../services/payment/service.ts";
import { stripe } from "./extension.ts";
import { giveCard, goodCard, refusedCard } from "./testing/stand-in-buyer.ts";
import { openStandIn } from "./testing/stand-in.ts";

const standIn = await openStandIn();
const shop = await testServices([payment], { environment: standIn.environment, extensions: [stripe] });
after(async () => await standIn.close());
const client = shop.as(PaymentService, "payment");
const db = shop.services[0]?.db as Database;
const { webhooks, books } = standIn;
webhooks.deliver = async ({ body, headers }) =>
  void (await client.receiveCallback({ body, headers: { ...headers } }));
beforeEach(() => (webhooks.travel = "at once"));

async function begin(presentation = "embedded") {
  const ids = { paymentId: newRandomId(), orderId: newId() };
  const session = { presentation, returnUrl: "https://shop.example/back", email: "ada@example.com" };
  const begun = await client.authorize({ ...ids, amount: { currencyCode: "USD", minor: 5_000n }, session });
  assert.equal(begun.payment?.status, "needs_action");
  const pay = async (card = goodCard) => await giveCard(begun.payment?.action ?? {}, card, standIn);
  return { ...ids, pay };
}

const recorded = async (paymentId: string) => (await client.getPayment({ paymentId })).payment;

test("what the buyer does is in the books as soon as the webhook came, for both ways to pay", async () => {
  for (const presentation of ["embedded", "redirect"]) {
    const { paymentId, pay } = await begin(presentation);
    assert.equal((await recorded(paymentId))?.status, "needs_action");
    await pay();
    await webhooks.settled();
    const known = await recorded(paymentId);
    assert.deepEqual([known?.status, known?.brand, known?.last4], ["authorized", "visa", "4242"]);
  }
});

test("webhooks that come late, reordered and three times end as if each had come once and in order", async () => {
  webhooks.travel = "held";
  const { paymentId, pay } = await begin();
  await pay(refusedCard);
  await pay();
  await client.capture({ paymentId });
  await client.refund({ paymentId, refundId: newId(), amount: { currencyCode: "USD", minor: 700n } });
  const before = await recorded(paymentId);
  await webhooks.release(3);
  assert.deepEqual(await recorded(paymentId), before);
  assert.deepEqual([before?.status, before?.refunded?.minor], ["partially_refunded", 700n]);
  const ledger = await db.row("select count(*)::int as entries from ledger_entries where payment_id = $1", [
    paymentId,
  ]);
  assert.deepEqual(ledger, { entries: 4 });
});

test("a webhook that overtakes the answer to the beginning is recorded", async () => {
  // The event of the beginning itself is delivered before its answer is: the stand-in sends it at once.
  webhooks.travel = "twice";
  const { paymentId } = await begin();
  await webhooks.settled();
  assert.equal((await recorded(paymentId))?.status, "needs_action");
});

test("with all webhooks lost, the reconciliation finds holds, captures, refunds by hand and disputes", async () => {
  webhooks.travel = "lost";
  const first = await begin();
  await first.pay();
  const second = await begin();
  await second.pay();
  await client.capture(second);
  const intent = [...books.intents.values()].find(
    ({ metadata }) => metadata["stoa_payment"] === second.paymentId,
  );
  assert.ok(intent);
  books.refund(intent, 200, {});
  books.dispute(intent, 5_000);
  const job = shop.services[0]?.parts.jobs?.find(({ name }) => name === "reconcile-payments");
  await aged();
  await job?.run(new AbortController().signal);
  assert.equal((await recorded(first.paymentId))?.status, "authorized");
  const known = await recorded(second.paymentId);
  assert.equal(known?.refunded?.minor, 200n);
  assert.deepEqual(
    known?.disputes.map(({ status, reason }) => [status, reason]),
    [["needs_response", "fraudulent"]],
  );
});

/** Reconciles as if everything had happened an hour ago. */
async function aged(): Promise<void> {
  for (const intent of books.intents.values()) Object.assign(intent, { created: intent.created - 3_600 });
  for (const event of webhooks.events) Object.assign(event, { created: event.created - 3_600 });
  await db.run("update payments set updated_at = now() - interval '1 hour'");
}

test("a dispute is recorded by its webhook, and a late one takes nothing back", async () => {
  const { paymentId, pay } = await begin();
  await pay();
  await client.capture({ paymentId });
  const intent = [...books.intents.values()].find(({ metadata }) => metadata["stoa_payment"] === paymentId);
  assert.ok(intent);
  const dispute = books.dispute(intent, 5_000);
  await webhooks.settled();
  assert.equal((await recorded(paymentId))?.disputes[0]?.status, "needs_response");
  books.closeDispute(dispute, "won");
  await webhooks.settled();
  Object.assign(dispute, { status: "needs_response" });
  const event = webhooks.events.findLast(({ type }) => type === "charge.dispute.created");
  const again = { ...event, id: "evt_again" };
  await webhooks.deliver(webhooks.sign(Buffer.from(JSON.stringify(again))));
  assert.equal((await recorded(paymentId))?.disputes[0]?.status, "won");
});

test("a session that is cancelled cannot be paid any more, and one that was never begun is barred", async () => {
  for (const presentation of ["embedded", "redirect"]) {
    const { paymentId, orderId, pay } = await begin(presentation);
    assert.equal((await client.cancelPayment({ paymentId, reason: "Too late." })).payment?.status, "voided");
    await assert.rejects(pay());
    await assert.rejects(
      client.resolvePayment({ paymentId }).then(() => client.capture({ paymentId })),
      (error) => isReason(error, "PAYMENT_CANCELLED"),
    );
    const session = { presentation, returnUrl: "https://shop.example/back", email: "" };
    const amount = { currencyCode: "USD", minor: 5_000n };
    await assert.rejects(client.authorize({ paymentId, orderId, amount, session }), (error) =>
      isReason(error, "PAYMENT_CANCELLED"),
    );
    const barred = { paymentId: newRandomId(), orderId: newId() };
    await client.cancelPayment({ paymentId: barred.paymentId, reason: "Never mind." });
    await assert.rejects(client.authorize({ ...barred, amount, session }), (error) =>
      isReason(error, "PAYMENT_CANCELLED"),
    );
    assert.equal(
      [...books.intents.values()].some(({ metadata }) => metadata["stoa_payment"] === barred.paymentId),
      false,
    );
  }
});

test("cancels that race with the buyer's payment leave nothing held", async () => {
  for (let round = 0; round < 10; round += 1) {
    const { paymentId, pay } = await begin(round % 2 === 0 ? "embedded" : "redirect");
    await Promise.allSettled([pay(), client.cancelPayment({ paymentId, reason: "Too late." })]);
    await client.cancelPayment({ paymentId, reason: "Too late." });
    const open = [...books.intents.values()].filter(
      ({ metadata, status }) => metadata["stoa_payment"] === paymentId && status !== "canceled",
    );
    assert.deepEqual(open, []);
  }
});

test("cards are refused, and the method says how buyers pay", async () => {
  const card = { number: goodCard, expiryMonth: 12, expiryYear: 2040, cvc: "123" };
  await assert.rejects(client.checkCard({ card }), (error) => isReason(error, "PAYMENT_METHOD_UNSUPPORTED"));
  const method = await client.describeMethod({});
  assert.deepEqual(
    [method.provider, method.takes, method.presentations],
    ["stripe", "session", ["embedded", "redirect"]],
  );
});
