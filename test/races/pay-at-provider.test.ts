// Orders whose buyers pay at the payment provider, on the whole back end with Stripe's stand-in: however the buyer and the news go.
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, it } from "node:test";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { makeDue } from "#platform/testing/tasks.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { stripe } from "../../extensions/stripe/extension.ts";
import {
  challengedCard,
  giveCard,
  goodCard,
  refusedCard,
} from "../../extensions/stripe/testing/stand-in-buyer.ts";
import { openStandIn } from "../../extensions/stripe/testing/stand-in.ts";
import { setStock, stockState } from "../lab/stock.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

const standIn = await openStandIn();
after(async () => await standIn.close());
const shop = await openBackEnd({ environment: standIn.environment, extensions: [stripe] });
const { books, webhooks } = standIn;
webhooks.deliver = async ({ body, headers }) =>
  void (await shop.client(PaymentService, "payment").receiveCallback({ body, headers: { ...headers } }));

const product = "1YMWWN1N4O";
const units = 100;
let productId = "";
beforeEach(async () => {
  webhooks.travel = "at once";
  ({ productId } = await setStock(shop.database("catalog"), product, units));
});
afterEach(() => {
  setFailpoints(undefined);
  standIn.mishaps.splice(0);
  books.capturesLater = false;
});

const ways = ["embedded", "redirect"] as const;

/** A buyer with one unit in mind, who has ordered and not paid. */
async function ordering(presentation: (typeof ways)[number] = "embedded") {
  const userId = newRandomId();
  const request = {
    ...orderRequest({ userId, items: [{ productId, quantity: 1 }], idempotencyKey: newId() }),
    card: undefined,
    presentation,
  };
  const ask = async () => await shop.checkout.placeOrder(withoutCard(request), { timeoutMs: 30_000 });
  const { order, pendingPayment } = await ask();
  assert.ok(order && pendingPayment);
  assert.deepEqual([order.status, pendingPayment.status], ["pending", "needs_action"]);
  const resume = async () => await shop.checkout.resumeOrder({ orderId: order.id, userId });
  const pay = async (card = goodCard) => await giveCard(pendingPayment.action ?? {}, card, standIn);
  const status = async () => (await shop.order.getOrder({ id: order.id })).order?.status;
  return { userId, orderId: order.id, ask, pay, resume, status };
}

function withoutCard<T extends { card: undefined }>({ card: _card, ...request }: T): Omit<T, "card"> {
  return request;
}

/** What Stripe's own books say of an order. */
function atStripe(orderId: string) {
  const intents = [...books.intents.values()].filter(({ metadata }) => metadata["stoa_order"] === orderId);
  const taken = intents.reduce((sum, { amount_received: received }) => sum + received, 0);
  return {
    taken,
    held: intents.filter(({ status }) => status === "requires_capture").length,
    count: intents.length,
  };
}

async function mustBePaidOnce(orderIds: readonly string[]): Promise<void> {
  await shop.mustBeSound();
  for (const orderId of orderIds) {
    const { order } = await shop.order.getOrder({ id: orderId });
    assert.equal(order?.status, "processing");
    assert.deepEqual(atStripe(orderId), { taken: Number(order.totalAmount?.minor), held: 0, count: 1 });
  }
  assert.equal((await stockState(shop.database("catalog"), productId)).onHand, units - orderIds.length);
}

async function mustBeNothing(orderId: string): Promise<void> {
  await shop.mustBeSound();
  const { taken, held } = atStripe(orderId);
  assert.deepEqual([taken, held], [0, 0]);
  assert.deepEqual(await stockState(shop.database("catalog"), productId), { onHand: units, reserved: 0 });
}

for (const way of ways) {
  it(`${way}: stock is held and the order pending until the buyer has paid; asking again with the key says how it is`, async () => {
    const buyer = await ordering(way);
    assert.deepEqual(await stockState(shop.database("catalog"), productId), { onHand: units, reserved: 1 });
    const again = await buyer.ask();
    assert.equal(again.order?.id, buyer.orderId);
    assert.ok(again.pendingPayment?.action);
    await buyer.pay();
    const placed = await buyer.ask();
    assert.deepEqual([placed.order?.id, placed.order?.status], [buyer.orderId, "processing"]);
    assert.equal(placed.pendingPayment, undefined);
    assert.deepEqual(await buyer.ask(), placed);
    await mustBePaidOnce([buyer.orderId]);
  });

  it(`${way}: a refused card and a failed challenge leave the order pending; the next card places it`, async () => {
    const buyer = await ordering(way);
    await buyer.pay(refusedCard);
    assert.ok((await buyer.resume()).pendingPayment);
    await (await buyer.pay(challengedCard))?.fails();
    assert.ok((await buyer.resume()).pendingPayment);
    const challenge = await buyer.pay(challengedCard);
    assert.equal((await buyer.resume()).order?.status, "pending");
    await challenge?.passes();
    assert.equal((await buyer.resume()).order?.status, "processing");
    await mustBePaidOnce([buyer.orderId]);
  });
}

it("a buyer who never comes back has an order all the same, by the webhook", async () => {
  const buyer = await ordering();
  await buyer.pay();
  await eventually("the order is placed", async () => (await buyer.status()) === "processing");
  await mustBePaidOnce([buyer.orderId]);
});

it("with all webhooks lost, the shop asks by itself", async () => {
  webhooks.travel = "lost";
  const buyer = await ordering("redirect");
  await buyer.pay();
  await eventually("the order is placed", async () => (await buyer.status()) === "processing");
  await mustBePaidOnce([buyer.orderId]);
});

it("webhook, return page, repeat and job at the same moment place it once", async () => {
  webhooks.travel = "twice";
  for (let round = 0; round < 5; round += 1) {
    ({ productId } = await setStock(shop.database("catalog"), product, units));
    const buyer = await ordering(round % 2 === 0 ? "embedded" : "redirect");
    await buyer.pay();
    const all = Array.from({ length: 5 }, () => [buyer.resume(), buyer.ask()]).flat();
    for (const outcome of await Promise.allSettled(all))
      if (outcome.status === "rejected")
        assert.ok(isReason(outcome.reason, "CHECKOUT_UNRESOLVED", "REQUEST_IN_PROGRESS"));
    await mustBePaidOnce([buyer.orderId]);
  }
});

it("when the time is over the order is given up, and who pays at that moment gets everything or nothing", async () => {
  const late = await ordering();
  await shop
    .database("checkout")
    .run("update checkouts set wait_until = now(), look_at = now() where id = $1", [late.orderId]);
  await assert.rejects(late.resume(), (error) =>
    isReason(error, "PAYMENT_NOT_COMPLETED", "CHECKOUT_UNRESOLVED"),
  );
  await assert.rejects(late.pay());
  await mustBeNothing(late.orderId);
  await assert.rejects(late.ask(), (error) => isReason(error, "PAYMENT_NOT_COMPLETED"));
  for (let round = 0; round < 6; round += 1) {
    ({ productId } = await setStock(shop.database("catalog"), product, units));
    const buyer = await ordering(round % 2 === 0 ? "embedded" : "redirect");
    const expire = "update checkouts set wait_until = now(), look_at = now() where id = $1";
    await Promise.allSettled([buyer.pay(), shop.database("checkout").run(expire, [buyer.orderId])]);
    await shop.mustBeSound();
    const outcome = await Promise.allSettled([buyer.ask()]);
    if (outcome[0].status === "fulfilled") await mustBePaidOnce([buyer.orderId]);
    else await mustBeNothing(buyer.orderId);
  }
});

it("a buyer who cancels the pending order pays nothing, also when the payment is under way", async () => {
  for (let round = 0; round < 4; round += 1) {
    ({ productId } = await setStock(shop.database("catalog"), product, units));
    const buyer = await ordering("redirect");
    const cancel = shop.order.updateStatus({ orderId: buyer.orderId, status: "cancelled" });
    await Promise.allSettled(round % 2 === 0 ? [cancel] : [buyer.pay(), cancel]);
    await shop.mustBeSound();
    const { taken, held } = atStripe(buyer.orderId);
    const refunded = [...books.charges.values()]
      .filter(({ metadata }) => metadata["stoa_order"] === buyer.orderId)
      .reduce((sum, charge) => sum + charge.amount_refunded, 0);
    assert.deepEqual([taken - refunded, held], [0, 0]);
    assert.deepEqual(await stockState(shop.database("catalog"), productId), { onHand: units, reserved: 0 });
  }
});

it("a capture that the provider answers later holds the order back until the money is there", async () => {
  books.capturesLater = true;
  const buyer = await ordering();
  await buyer.pay();
  const waiting = await buyer.resume();
  assert.deepEqual([waiting.order?.status, waiting.pendingPayment?.status], ["pending", "processing"]);
  books.settleCaptures();
  await eventually("the order is placed", async () => (await buyer.status()) === "processing");
  await mustBePaidOnce([buyer.orderId]);
});

it("two tabs with one cart begin one payment, whichever is used", async () => {
  const userId = newRandomId();
  await shop.cart.addItem({ userId, productId, quantity: 1 });
  const request = () => ({
    ...withoutCard({ ...orderRequest({ userId }), card: undefined }),
    presentation: "redirect",
  });
  const two = await Promise.all([shop.checkout.placeOrder(request()), shop.checkout.placeOrder(request())]);
  assert.equal(two[0].order?.id, two[1].order?.id);
  assert.equal(two[0].pendingPayment?.action?.redirectUrl, two[1].pendingPayment?.action?.redirectUrl);
  await giveCard(two[1].pendingPayment?.action ?? {}, goodCard, standIn);
  const orderId = two[0].order?.id ?? "";
  assert.equal((await shop.checkout.resumeOrder({ orderId, userId })).order?.status, "processing");
  await mustBePaidOnce([orderId]);
});

it("answers of the provider that are lost, and failures it keeps, change nothing about the end", async () => {
  const paths = [/payment_intents$/, /capture$/];
  const orderIds: string[] = [];
  for (const kind of ["answer lost", "fails"] as const) {
    standIn.mishaps.push(...paths.map((path) => ({ method: "POST" as const, path, kind, times: 1 })));
    const buyer = await ordering();
    await buyer.pay();
    assert.equal((await buyer.resume()).order?.status, "processing");
    orderIds.push(buyer.orderId);
  }
  await mustBePaidOnce(orderIds);
});

it("an order that is cut off before its buyer pays, and again when they have, is brought to its end all the same", async () => {
  const left = new Map([
    ["order.CreateOrder.received", 3],
    ["payment.capture.before-provider", 3],
  ]);
  setFailpoints((name) => {
    const failures = left.get(name) ?? 0;
    left.set(name, failures - 1);
    if (failures > 0) throw new Error(`Cut off at ${name}.`);
  });
  const request = {
    ...withoutCard({
      ...orderRequest({
        userId: newRandomId(),
        items: [{ productId, quantity: 1 }],
        idempotencyKey: newId(),
      }),
      card: undefined,
    }),
    presentation: "embedded",
  };
  await assert.rejects(shop.checkout.placeOrder(request), (error) => isReason(error, "CHECKOUT_UNRESOLVED"));
  let answer: Awaited<ReturnType<typeof shop.checkout.placeOrder>> | undefined;
  await eventually("the order waits for its buyer", async () => {
    answer = await shop.checkout.placeOrder(request).catch(() => undefined);
    return answer?.pendingPayment !== undefined;
  });
  const orderId = answer?.order?.id ?? "";
  const checkouts = shop.database("checkout");
  await eventually("what was to take it up again has seen that it waits", async () => {
    const seen = await checkouts.row(
      `select 1 from tasks where name = 'resume-checkout' and key = $1 and owner is null
         and (done_at is not null or next_attempt_at > now() + interval '1 second')`,
      [orderId],
    );
    return seen !== undefined;
  });
  await giveCard(answer?.pendingPayment?.action ?? {}, goodCard, standIn);
  await eventually("the capture was cut off", () => (left.get("payment.capture.before-provider") ?? 3) <= 0);
  await eventually("the order is placed", async () => {
    await makeDue(checkouts, "resume-checkout");
    return (await shop.order.getOrder({ id: orderId })).order?.status === "processing";
  });
  await mustBePaidOnce([orderId]);
});

it("someone else's pending order is not there, and cards are no way to pay", async () => {
  const buyer = await ordering();
  for (const [userId, orderId] of [
    [newRandomId(), buyer.orderId],
    [buyer.userId, newId()],
    [buyer.userId, "no id"],
  ])
    await assert.rejects(
      shop.checkout.resumeOrder({ userId: userId ?? "", orderId: orderId ?? "" }),
      (error) => isReason(error, "ORDER_NOT_FOUND"),
    );
  const withCard = orderRequest({ userId: newRandomId(), items: [{ productId, quantity: 1 }] });
  await assert.rejects(shop.checkout.placeOrder(withCard), (error) =>
    isReason(error, "PAYMENT_METHOD_UNSUPPORTED"),
  );
  const odd = { ...withoutCard({ ...withCard, card: undefined }), presentation: "by pigeon" };
  await assert.rejects(shop.checkout.placeOrder(odd), (error) =>
    isReason(error, "PAYMENT_METHOD_UNSUPPORTED"),
  );
});
