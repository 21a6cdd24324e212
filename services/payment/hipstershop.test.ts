import assert from "node:assert/strict";
import { test } from "node:test";
import { PaymentService } from "#gen/hipstershop/demo_pb.js";
import { errorKinds, isKind, type AppError } from "#platform/kit/errors.ts";
import { openPayments } from "./testing/open-payments.ts";

const { shop, client, db } = await openPayments();
const foreign = shop.as(PaymentService, "payment");

const creditCard = {
  creditCardNumber: "4432-8015-6152-0454",
  creditCardCvv: 672,
  creditCardExpirationYear: 2039,
  creditCardExpirationMonth: 1,
};
const amount = { currencyCode: "USD", units: 19n, nanos: 990_000_000 };

test("a charge answers a UUID of version 4 and takes the amount", async () => {
  const { transactionId } = await foreign.charge({ amount, creditCard });
  assert.match(transactionId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const { payment } = await client.getPayment({ paymentId: transactionId });
  assert.equal(payment?.captured?.minor, 1_999n);
});

test("expiry years may lie far ahead", async () => {
  await foreign.charge({ amount, creditCard: { ...creditCard, creditCardExpirationYear: 9999 } });
});

test("wrong numbers, unsupported brands, expired cards and missing parts are INVALID_ARGUMENT", async () => {
  const wrong = [
    { amount, creditCard: { ...creditCard, creditCardNumber: "4432801561520455" } },
    { amount, creditCard: { ...creditCard, creditCardNumber: "378282246310005" } },
    { amount, creditCard: { ...creditCard, creditCardExpirationYear: 2020 } },
    { amount, creditCard: { ...creditCard, creditCardExpirationMonth: 13 } },
    { amount },
    { creditCard },
    { amount: { ...amount, units: -19n }, creditCard },
    // Codes that nobody pays with: none at all, for tests, metals, funds, and one that went.
    ...["ZZZ", "XXX", "XTS", "XAU", "XDR", "CHE", "DEM", "usd", "US", ""].map((currencyCode) => ({
      amount: { ...amount, currencyCode },
      creditCard,
    })),
  ];
  for (const request of wrong)
    await assert.rejects(
      foreign.charge(request),
      (e: AppError) => errorKinds[e.kind].grpc === 3 && !e.message.includes("4432801561520455"),
    );
});

test("a declined charge is FAILED_PRECONDITION and takes nothing", async () => {
  const declined = { ...creditCard, creditCardNumber: "4000000000000002" };
  await assert.rejects(foreign.charge({ amount, creditCard: declined }), (e) =>
    isKind(e, "payment_required"),
  );
});

test("a charge whose answer is lost is found and finished", async () => {
  const lost = { ...creditCard, creditCardNumber: "4000000000000259" };
  const { transactionId } = await foreign.charge({ amount, creditCard: lost });
  const { payment } = await client.getPayment({ paymentId: transactionId });
  assert.equal(payment?.status, "captured");
});

test("no charge leaves money held", async () => {
  const held = await db.rows(
    "select 1 from provider.charges where is_authorized and not is_voided and captured_minor = 0",
  );
  assert.equal(held.length, 0);
});
