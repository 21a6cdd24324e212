import assert from "node:assert/strict";
import { test } from "node:test";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newId } from "#platform/kit/ids.ts";
import { card, openPayments, usd } from "../testing/open-payments.ts";

const { client, db, shop, authorize, captured } = await openPayments();

/** Reconciles as if everything had happened an hour ago. */
async function findings(): Promise<{ paymentId: string; finding: string; isMended: boolean }[]> {
  await db.run("update provider.charges set changed_at = now() - interval '1 hour'");
  await db.run("update payments set updated_at = now() - interval '1 hour'");
  const job = shop.services[0]?.parts.jobs?.find(({ name }) => name === "reconcile-payments");
  assert.ok(job);
  await db.run("delete from payment_differences");
  await job.run(new AbortController().signal);
  return await db.rows(
    `select payment_id as "paymentId", finding, is_mended as "isMended" from payment_differences order by sequence`,
  );
}

async function crashAt(point: string, work: () => Promise<unknown>): Promise<void> {
  setFailpoints((name) => {
    if (name === point) throw new Error("The process ends here.");
  });
  await assert.rejects(work());
  setFailpoints(undefined);
}

test("payments in every state agree with the provider", async () => {
  await authorize();
  const cancelled = await authorize();
  await client.cancelPayment(cancelled);
  const refunded = await captured();
  await client.refund({ ...refunded, refundId: newId(), amount: usd(10n) });
  await client.cancelPayment({ paymentId: newId() });
  await assert.rejects(authorize(100n, "4000000000000002"));
  assert.deepEqual(await findings(), []);
});

test("an authorisation and a capture that a crash kept from us are found, recorded, and then agree", async () => {
  const lost = { paymentId: newId(), orderId: newId(), amount: usd(100n), card: card() };
  await crashAt("payment.authorize.after-provider", () => client.authorize(lost));
  const half = await authorize();
  await crashAt("payment.capture.after-provider", () => client.capture(half));
  const found = await findings();
  assert.deepEqual(
    new Set(found.map(({ paymentId, finding }) => `${paymentId} ${finding}`)),
    new Set([`${lost.paymentId} unknown_to_us`, `${half.paymentId} provider_ahead`]),
  );
  assert.ok(found.every(({ isMended }) => isMended));
  assert.equal((await client.getPayment(lost)).payment?.status, "authorized");
  assert.equal((await client.getPayment(half)).payment?.status, "captured");
  assert.deepEqual(await findings(), []);
});

test("a payment of which the provider knows less than we do is reported and not touched", async () => {
  const [gone, less] = [await captured(), await captured()];
  await db.run("delete from provider.charges where key = $1", [gone.paymentId]);
  await db.run("update provider.charges set captured_minor = 0 where key = $1", [less.paymentId]);
  const found = await findings();
  assert.deepEqual(found, [
    { paymentId: less.paymentId, finding: "we_are_ahead", isMended: false },
    { paymentId: gone.paymentId, finding: "unknown_to_provider", isMended: false },
  ]);
  assert.equal((await client.getPayment(less)).payment?.status, "captured");
});
