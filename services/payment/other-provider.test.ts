// A shop whose payments are not made by the built-in provider, and one that has changed its provider.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { defineExtension, provide } from "#platform/kit/extension.ts";
import { newId } from "#platform/kit/ids.ts";
import { testServices } from "#platform/testing/services.ts";
import { paymentPort } from "./provider.ts";
import { payment } from "./service.ts";
import { ProviderSimulator } from "./simulator.ts";
import { card, openPayments, usd } from "./testing/open-payments.ts";

/** The same books under another name. */
class OtherProvider extends ProviderSimulator {
  override readonly name = "other";
}

const other = defineExtension({
  name: "other",
  provides: [
    provide(paymentPort, {
      name: "other",
      config: {},
      create: ({ db, clock }) => new OtherProvider({ db, clock, delayMs: 0 }),
    }),
  ],
});

test("a card provider of an extension holds, takes, gives back and cancels what it made", async () => {
  const shop = await testServices([payment], {
    environment: { PAYMENT_PROVIDER: "other" },
    extensions: [other],
  });
  const client = shop.as(PaymentService, "payment");
  const ids = { paymentId: newId(), orderId: newId() };
  await client.authorize({ ...ids, amount: usd(1_000n), card: card() });
  await client.capture(ids);
  await client.refund({ ...ids, refundId: newId(), amount: usd(300n) });
  const { payment: cancelled } = await client.cancelPayment(ids);
  assert.deepEqual([cancelled?.status, cancelled?.refunded?.minor], ["refunded", 1_000n]);
  const barred = { paymentId: newId(), orderId: newId() };
  await client.cancelPayment(barred);
  await assert.rejects(client.authorize({ ...barred, amount: usd(1_000n), card: card() }), (error) =>
    isReason(error, "PAYMENT_CANCELLED"),
  );
});

test("a payment of the provider before is not asked of the one now", async () => {
  const { client, db, captured } = await openPayments();
  const { paymentId } = await captured();
  await db.run("update payments set provider = 'earlier' where id = $1", [paymentId]);
  for (const ask of [
    () => client.resolvePayment({ paymentId }),
    () => client.refund({ paymentId, refundId: newId(), amount: usd(100n) }),
    () => client.cancelPayment({ paymentId, reason: "" }),
  ])
    await assert.rejects(ask(), (error) => isReason(error, "PAYMENT_PROVIDER_OTHER"));
  assert.equal((await client.getPayment({ paymentId })).payment?.status, "captured");
});
