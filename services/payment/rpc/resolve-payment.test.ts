import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newId } from "#platform/kit/ids.ts";
import { card, openPayments, usd } from "../testing/open-payments.ts";

const { client, db, captured } = await openPayments();

afterEach(() => {
  setFailpoints(undefined);
});

function wish() {
  return { paymentId: newId(), orderId: newId(), amount: usd(1_999n), card: card() };
}

async function takenOf(paymentId: string): Promise<bigint> {
  const charge = await db.row<{ captured: bigint }>(
    "select captured_minor as captured from provider.charges where key = $1",
    [paymentId],
  );
  return charge?.captured ?? 0n;
}

test("whoever is told that there is no payment may rely on it: a worker that wakes up late takes no money", async () => {
  const request = wish();
  const { paymentId } = request;
  const { payment } = await client.resolvePayment({ paymentId, barUnknown: true });
  assert.equal(payment?.status, "none");
  await assert.rejects(client.authorize(request), (e) => isReason(e, "PAYMENT_CANCELLED"));
  await assert.rejects(client.capture({ paymentId }), (e) => isReason(e, "PAYMENT_CANCELLED"));
  assert.equal(await takenOf(paymentId), 0n);
});

test("a payment that begins while it is asked about is either found or takes no money, wherever it has come to", async () => {
  for (const stop of ["payment.authorize.before-provider", "payment.authorize.after-provider", "the end"]) {
    const request = wish();
    const { paymentId } = request;
    const reached = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    let late: Promise<unknown> = Promise.resolve();
    setFailpoints(async (name) => {
      if (name === "payment.resolve.after-provider") {
        setFailpoints(async (point) => {
          if (point !== stop) return;
          reached.resolve();
          await goesOn.promise;
        });
        late = client.authorize(request).then(async () => await client.capture({ paymentId }));
        late.catch(() => undefined).finally(() => reached.resolve());
        await reached.promise;
      }
    });
    const { payment } = await client.resolvePayment({ paymentId, barUnknown: true });
    goesOn.resolve();
    await late.catch((error: unknown) => {
      assert.ok(isReason(error, "PAYMENT_CANCELLED"), String(error));
    });
    const isTaken = (await takenOf(paymentId)) > 0n;
    assert.equal(isTaken, payment?.status !== "none", stop);
    assert.equal(isTaken, stop === "the end");
  }
});

test("a payment that is known is not barred by the question", async () => {
  const { paymentId } = await captured(500n);
  const { payment } = await client.resolvePayment({ paymentId, barUnknown: true });
  assert.equal(payment?.status, "captured");
  const refund = await client.refund({ paymentId, refundId: newId(), amount: usd(200n) });
  assert.equal(refund.payment?.refunded?.minor, 200n);
});
