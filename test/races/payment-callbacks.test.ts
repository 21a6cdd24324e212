// The payment provider's callbacks against the orders they belong to, on the whole back end: cards whose answer is lost, callbacks
// that come before anything else is known, and callbacks that come when all is over.
import assert from "node:assert/strict";
import { afterEach, it } from "node:test";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { cards } from "../lab/buyer.ts";
import { setStock, stockState } from "../lab/stock.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

const shop = await openBackEnd({
  environment: { PAYMENT_SIMULATOR_CALLBACKS: "on", PAYMENT_SIMULATOR_CALLBACK_DELAY_MS: "0" },
});
const payments = shop.database("payment");
const rounds = 20;
const units = 50;
afterEach(() => setFailpoints(undefined));

async function notedTypes(): Promise<string[]> {
  const rows = await payments.rows<{ type: string }>("select type from provider_callbacks order by type");
  return rows.map(({ type }) => type);
}

async function stocked(): Promise<string> {
  await payments.run("delete from provider_callbacks");
  return (await setStock(shop.database("catalog"), "0PUK6V6EV0", units)).productId;
}

async function place(productId: string): Promise<string> {
  const card = { number: cards.answerLost, expiryMonth: 12, expiryYear: 2035, cvc: "123" };
  const request = orderRequest({ userId: newRandomId(), items: [{ productId, quantity: 1 }], card });
  const { order } = await shop.checkout.placeOrder(request, { timeoutMs: 30_000 });
  assert.equal(order?.status, "processing");
  return order.id;
}

it(`${rounds} orders whose callbacks are recorded before anybody hears an answer: each is paid once`, async () => {
  const productId = await stocked();
  let recorded = 0;
  let wanted = 0;
  setFailpoints(async (name) => {
    if (name === "payment.callback.after-record") recorded += 1;
    if (name !== "payment.ResolvePayment.received" && name !== "payment.capture.after-provider") return;
    wanted += 1;
    await eventually(`callback ${wanted} is recorded`, () => recorded >= wanted);
  });
  for (let round = 0; round < rounds; round += 1) await place(productId);
  setFailpoints(undefined);
  assert.equal(wanted, 2 * rounds);
  await shop.mustBeSound();
  const types = await notedTypes();
  assert.deepEqual([...new Set(types)], ["payment.authorized", "payment.captured"]);
  assert.equal(types.length, 2 * rounds);
  assert.equal((await stockState(shop.database("catalog"), productId)).onHand, units - rounds);
});

it(`${rounds} orders, every second one cancelled, whose callbacks come when all is over: nothing changes any more`, async () => {
  const productId = await stocked();
  const gate = Promise.withResolvers<void>();
  // They have read the provider already when they are held up, and record what is long past.
  setFailpoints(async (name) => {
    if (name === "payment.callback.after-provider") await gate.promise;
  });
  for (let round = 0; round < rounds; round += 1) {
    const orderId = await place(productId);
    if (round % 2 === 1) await shop.order.updateStatus({ orderId, status: "cancelled" });
  }
  await shop.mustBeSound();
  const books = async () =>
    JSON.stringify(
      await payments.rows(
        "select id, status, captured_minor::text, refunded_minor::text from payments order by id",
      ),
    );
  const before = await books();
  assert.deepEqual(await notedTypes(), []);
  setFailpoints(undefined);
  gate.resolve();
  const expected = rounds * 2 + rounds / 2;
  await eventually("all callbacks are noted", async () => (await notedTypes()).length >= expected);
  assert.equal((await notedTypes()).length, expected);
  assert.equal(await books(), before);
  await shop.mustBeSound();
  assert.equal((await stockState(shop.database("catalog"), productId)).onHand, units - rounds / 2);
});

it(`${rounds} orders at once, some cancelled at once, with callbacks whenever they come: the books hold`, async () => {
  const productId = await stocked();
  await Promise.all(
    Array.from({ length: rounds }, async (_, index) => {
      const orderId = await place(productId);
      if (index % 2 === 1) await shop.order.updateStatus({ orderId, status: "cancelled" });
    }),
  );
  const expected = rounds * 2 + rounds / 2;
  await eventually("all callbacks are noted", async () => (await notedTypes()).length >= expected);
  await shop.mustBeSound();
  assert.equal((await stockState(shop.database("catalog"), productId)).onHand, units - rounds / 2);
});
