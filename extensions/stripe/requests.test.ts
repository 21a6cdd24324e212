// What Stripe's failures mean to the shop: nothing done, or nobody knows, and then the same payment is found.
import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { Secret } from "#platform/kit/config.ts";
import { isReason } from "#platform/kit/errors.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { money, type Money } from "#platform/kit/money.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import type { AuthorizeOrder, PaymentRef } from "../../services/payment/provider.ts";
import { StripeProvider } from "./provider.ts";
import { giveCard, goodCard } from "./testing/stand-in-buyer.ts";
import { keys, openStandIn, type Mishap } from "./testing/stand-in.ts";

const standIn = await openStandIn();
after(async () => await standIn.close());
afterEach(() => standIn.mishaps.splice(0));

const provider = openProvider();

function openProvider(secretKey: string = keys.secret): StripeProvider {
  return new StripeProvider({
    secretKey: new Secret(secretKey),
    publishableKey: keys.publishable,
    webhookSecret: new Secret(keys.webhook),
    apiBase: standIn.url,
    clock: systemClock,
    log: silentLog,
  });
}

function order(amount = money("USD", 2_000n)): AuthorizeOrder & PaymentRef {
  const session = { presentation: "embedded", returnUrl: "https://shop.example/", email: "" } as const;
  return { key: newRandomId(), orderId: newId(), amount, session, data: undefined };
}

function befall(mishap: Omit<Mishap, "times" | "method">, times = 1): void {
  standIn.mishaps.push({ method: "POST", times, ...mishap });
}

const intentsOf = (key: string) =>
  [...standIn.books.intents.values()].filter(({ metadata }) => metadata["stoa_payment"] === key);

async function held(amount?: Money): Promise<PaymentRef> {
  const asked = order(amount);
  const { action, data } = await provider.authorize(asked);
  await giveCard(action ?? {}, goodCard, standIn);
  return { ...asked, data };
}

test("answers that are lost on the way are asked for again under the same key, and nothing is done twice", async () => {
  const asked = order();
  befall({ path: /payment_intents$/, kind: "answer lost" }, 2);
  const { action, data } = await provider.authorize(asked);
  assert.equal(intentsOf(asked.key).length, 1);
  await giveCard(action ?? {}, goodCard, standIn);
  const ref = { ...asked, data };
  befall({ path: /capture$/, kind: "answer lost" }, 2);
  assert.equal((await provider.capture(ref, money("USD", 2_000n))).capturedMinor, 2_000n);
  befall({ path: /refunds$/, kind: "answer lost" }, 2);
  const { refunds } = await provider.refund(ref, newId(), money("USD", 300n));
  assert.deepEqual(
    refunds.map(({ amountMinor }) => amountMinor),
    [300n],
  );
});

test("a failure that Stripe keeps under a key does not stand in the way of the next try", async () => {
  const ref = await held();
  befall({ path: /capture$/, kind: "fails" });
  assert.equal((await provider.capture(ref, money("USD", 2_000n))).capturedMinor, 2_000n);
  befall({ path: /refunds$/, kind: "fails" });
  const refund = newId();
  const { refunds } = await provider.refund(ref, refund, money("USD", 2_000n));
  assert.deepEqual(refunds, [{ key: refund, amountMinor: 2_000n }]);
});

test("while Stripe fails again and again, nobody knows; afterwards the same call ends it", async () => {
  const ref = await held();
  befall({ path: /capture$/, kind: "answer lost" }, 100);
  await assert.rejects(provider.capture(ref, money("USD", 2_000n)), (error) =>
    isReason(error, "DEADLINE_EXCEEDED"),
  );
  standIn.mishaps.splice(0);
  assert.equal((await provider.capture(ref, money("USD", 2_000n))).capturedMinor, 2_000n);
});

test("too many requests, and a key that is none, have done nothing", async () => {
  const asked = order();
  befall({ path: /payment_intents$/, kind: "busy" }, 10);
  await assert.rejects(provider.authorize(asked), (error) => isReason(error, "PAYMENT_UNAVAILABLE"));
  const stranger = openProvider("sk_test_of_somebody_else");
  await assert.rejects(stranger.authorize(asked), (error) => isReason(error, "PAYMENT_UNAVAILABLE"));
  assert.equal(intentsOf(asked.key).length, 0);
});

test("an amount that Stripe cannot move to the last unit is refused before anything is asked", async () => {
  const before = standIn.books.intents.size;
  for (const amount of [money("KWD", 12_345n), money("UGX", 10_000n), money("USD", 100_000_000n)])
    await assert.rejects(provider.authorize(order(amount)), (error) =>
      isReason(error, "PAYMENT_UNAVAILABLE"),
    );
  assert.equal(standIn.books.intents.size, before);
  const { key } = await provider.authorize(order(money("ISK", 500n)));
  assert.equal(intentsOf(key)[0]?.amount, 50_000);
});

test("a refund that Stripe cannot move to the last unit is not given, and its amount is free again", async () => {
  const ref = await held(money("KWD", 12_340n));
  await provider.capture(ref, money("KWD", 12_340n));
  assert.deepEqual((await provider.refund(ref, newId(), money("KWD", 1_234n))).refunds, []);
  const [given] = (await provider.refund(ref, newId(), money("KWD", 1_230n))).refunds;
  assert.equal(given?.amountMinor, 1_230n);
});

test("refunds and disputes made by hand at Stripe are seen, and events about strangers are about nothing", async () => {
  const ref = await held();
  await provider.capture(ref, money("USD", 2_000n));
  const intent = intentsOf(ref.key)[0];
  assert.ok(intent);
  const byHand = standIn.books.refund(intent, 150, {});
  standIn.books.closeDispute(standIn.books.dispute(intent, 500), "lost");
  const state = await provider.find(ref);
  assert.deepEqual(state?.refunds, [{ key: `stripe:${byHand.id}`, amountMinor: 150n }]);
  assert.deepEqual(
    state?.disputes?.map(({ status }) => status),
    ["lost"],
  );
  const dispute = standIn.webhooks.events.findLast(({ type }) => type === "charge.dispute.created");
  const news = await provider.readCallback(standIn.webhooks.sign(Buffer.from(JSON.stringify(dispute))));
  assert.equal(news?.key, ref.key);
  standIn.books.createIntent({ amount: 900, currency: "usd", capture_method: "automatic", metadata: {} });
  const stranger = Buffer.from(JSON.stringify(standIn.webhooks.events.at(-1)));
  assert.equal(await provider.readCallback(standIn.webhooks.sign(stranger)), undefined);
});
