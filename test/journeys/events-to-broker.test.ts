import assert from "node:assert/strict";
import { it } from "node:test";
import { newRandomId } from "#platform/kit/ids.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import { openEventReceiver } from "#platform/testing/event-receiver.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

const receiver = await openEventReceiver();
const shop = await openBackEnd({
  environment: { EVENTS_URL: receiver.url, EVENTS_SECRET: "a-key-for-events-that-only-tests-know" },
});

async function placeOrder() {
  const trace = traceFrom(undefined);
  const request = orderRequest({
    userId: newRandomId(),
    items: [{ productId: "6E92ZMYYFZ", quantity: 1 }],
  });
  const { order } = await shop.checkout.placeOrder(request, { trace, timeoutMs: 30_000 });
  assert.ok(order);
  return { order, trace };
}

it("what happens to an order reaches the broker in its order, with the trace of the request that caused it", async () => {
  const { order, trace } = await placeOrder();
  await shop.order.updateStatus({ orderId: order.id, status: "cancelled" });
  const ours = () => receiver.taken.filter(({ subject }) => subject === order.id);
  await eventually("both are there", () => ours().length >= 2);
  assert.deepEqual(
    ours().map(({ type, source }) => [type, source]),
    [
      ["order.placed.v1", "/stoa/order"],
      ["order.cancelled.v1", "/stoa/order"],
    ],
  );
  const [placed] = ours();
  assert.ok(placed);
  assert.equal(placed.traceparent?.slice(3, 35), trace.traceId);
  assert.equal((placed.data["order"] as { id: string }).id, order.id);
  await shop.mustBeSound();
});

it("while the broker is away orders are placed, mailed and audited as ever; its events come when it is back", async () => {
  await receiver.leave();
  const { order } = await placeOrder();
  await eventually("it is mailed", async () => {
    const mails = await shop.database("email").rows("select 1 from mails where order_id = $1", [order.id]);
    return mails.length === 1;
  });
  assert.ok(!receiver.taken.some(({ subject }) => subject === order.id));
  await receiver.comeBack();
  await shop
    .database("order")
    .run("update tasks set next_attempt_at = now() where name = 'deliver-to-broker'");
  await eventually("its event is there", () => receiver.taken.some(({ subject }) => subject === order.id));
  await shop.mustBeSound();
});
