// Refunds that a merchant makes at the payment provider, against everything that happens to the order meanwhile.
import assert from "node:assert/strict";
import { it } from "node:test";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { Secret } from "#platform/kit/config.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { signCallback } from "../../services/payment/simulator-callback.ts";
import { refundCharge } from "../../services/payment/simulator-store.ts";
import { setStock } from "../lab/stock.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

const secret = new Secret("what-only-the-provider-and-the-shop-know");
const shop = await openBackEnd({ environment: { PAYMENT_CALLBACK_SECRET: secret.reveal() } });
const payments = shop.client(PaymentService, "payment");
const { productId } = await setStock(shop.database("catalog"), "0PUK6V6EV0", 500);

async function placed() {
  const { order } = await shop.checkout.placeOrder(
    orderRequest({ userId: newRandomId(), items: [{ productId, quantity: 2 }] }),
  );
  if (!order) assert.fail("no order");
  return { id: order.id, paymentId: order.payment?.id ?? "", total: order.totalAmount?.minor ?? 0n };
}

async function refundThere(paymentId: string, minor: bigint, refundKey: string = newId()): Promise<boolean> {
  return await refundCharge(shop.database("payment"), paymentId, refundKey, minor);
}

async function callBack(paymentId: string): Promise<void> {
  const body = Buffer.from(JSON.stringify({ id: newId(), type: "payment.refunded", paymentId }));
  const { headers } = signCallback(body, secret, new Date());
  await payments.receiveCallback({ body, headers });
}

async function refundedOf(id: string): Promise<bigint | undefined> {
  return (await shop.order.getOrder({ id })).order?.refundedAmount?.minor;
}

it("a refund made at the provider shows in the order, in its list and in its history, once", async () => {
  const { id, paymentId, total } = await placed();
  await refundThere(paymentId, 150n, "made-by-hand");
  await Promise.all(Array.from({ length: 5 }, () => callBack(paymentId)));
  await eventually("the order has heard of it", async () => (await refundedOf(id)) === 150n);
  const { refunds } = await shop.order.listRefunds({ orderId: id });
  assert.deepEqual(
    refunds.map((refund) => [refund.id, refund.amount?.minor, refund.status, refund.actor]),
    [["made-by-hand", 150n, "done", "payment"]],
  );
  const { order } = await shop.order.getOrder({ id });
  assert.equal(order?.netAmount?.minor, total - 150n);
  assert.equal(order?.history.at(-1)?.refunded?.minor, 150n);
  await shop.mustBeSound();
});

it("one that a release has recorded which tells nobody is told later", async () => {
  const { id, paymentId } = await placed();
  await refundThere(paymentId, 70n);
  await callBack(paymentId);
  await eventually("the order has heard of it", async () => (await refundedOf(id)) === 70n);
  const orders = shop.database("order");
  await orders.run("delete from order_refunds where order_id = $1", [id]);
  await orders.run("update orders set refunded_minor = 0, payment_status = 'captured' where id = $1", [id]);
  await assert.rejects(shop.mustBeSound(), /money-orders/);
  await shop
    .database("payment")
    .run("update payment_refunds set told_at = null where payment_id = $1", [paymentId]);
  await eventually("the order hears of it again", async () => (await refundedOf(id)) === 70n);
  await shop.mustBeSound();
});

it("refunds there, refunds here, a cancel and a parcel at once: never more back than was paid, and the books hold", async () => {
  await Promise.all(
    Array.from({ length: 16 }, async (_, round) => {
      const { id, paymentId, total } = await placed();
      const amount = { currencyCode: "USD", minor: total / 2n };
      await Promise.allSettled([
        refundThere(paymentId, total / 3n).then(async () => await callBack(paymentId)),
        shop.order.refundOrder({ orderId: id, refundId: "a", amount }),
        shop.order.refundOrder({ orderId: id, refundId: "b", full: true }),
        ...(round % 2 === 0 ? [shop.order.updateStatus({ orderId: id, status: "cancelled" })] : []),
        ...(round % 4 === 1 ? [shop.order.updateStatus({ orderId: id, status: "shipped" })] : []),
        callBack(paymentId),
      ]);
      await callBack(paymentId);
      assert.ok(((await refundedOf(id)) ?? total + 1n) <= total);
    }),
  );
  await shop.mustBeSound();
});
