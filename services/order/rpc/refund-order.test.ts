import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { newOrder, openOrders, usd } from "../testing/open-orders.ts";

const { client, world, asCaller, tryTasks, topicsOf, placed } = await openOrders();
const admin = testCall({ userId: newId(), role: "admin" });

interface Answer {
  refund: { id: string; status: string; amount: { minor: bigint } };
  order: { payment: { status: string; refunded: { minor: bigint } } };
}

function refund(
  orderId: string,
  wish: { refundId?: string; minor?: bigint; key?: string } = {},
  call = admin,
): Promise<Answer> {
  const amount = wish.minor === undefined ? undefined : usd(wish.minor);
  const request = {
    orderId,
    refundId: wish.refundId ?? "",
    amount,
    reason: "",
    idempotencyKey: wish.key ?? "",
  };
  return asCaller("refundOrder", request, call);
}

async function refundEvents(orderId: string): Promise<number> {
  return (await topicsOf(orderId)).filter((topic) => topic === "order.refunded").length;
}

test("fifty parallel refunds give back no more than was paid, to the last unit", async () => {
  const { id, paymentId } = await placed();
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => refund(id, { minor: 1_000n })));
  const given = outcomes.filter(({ status }) => status === "fulfilled").length;
  assert.equal(given, 13);
  for (const outcome of outcomes)
    if (outcome.status === "rejected") assert.ok(isReason(outcome.reason, "REFUND_EXCEEDS_CAPTURED"));
  const { order } = await client.getOrder({ id });
  assert.equal(order?.payment?.refunded?.minor, 13_000n);
  const rest = await refund(id);
  assert.equal(rest.refund.amount.minor, 696n);
  assert.deepEqual([rest.order.payment.status, rest.order.payment.refunded.minor], ["refunded", 13_696n]);
  assert.equal(world.refundedOf(paymentId), 13_696n);
  assert.equal(await refundEvents(id), 14);
});

test("the same refund is given and told once", async () => {
  const { id, paymentId } = await placed();
  await Promise.all(Array.from({ length: 20 }, () => refund(id, { refundId: "scratch", minor: 500n })));
  const again = await refund(id, { refundId: "scratch", minor: 500n });
  assert.equal(again.refund.status, "done");
  assert.equal(world.refundedOf(paymentId), 500n);
  assert.equal(await refundEvents(id), 1);
  await assert.rejects(refund(id, { refundId: "scratch", minor: 501n }), (e) =>
    isReason(e, "REFUND_ID_TAKEN"),
  );
});

test("only admins refund", async () => {
  const { id, userId } = await placed();
  await assert.rejects(refund(id, {}, testCall()), (e) => isReason(e, "TOKEN_REQUIRED"));
  await assert.rejects(refund(id, {}, testCall({ userId })), (e) => isReason(e, "ADMIN_REQUIRED"));
});

test("nothing is refunded of an unknown, an unpaid or a cancelled order, nor in another currency", async () => {
  await assert.rejects(refund(newId()), (e) => isReason(e, "ORDER_NOT_FOUND"));
  const unpaid = newOrder();
  await client.createOrder({ order: unpaid });
  await assert.rejects(refund(unpaid.id), (e) => isReason(e, "ORDER_NOT_PAID"));
  const { id } = await placed();
  await assert.rejects(refund(id, { minor: 0n }), (e) => isReason(e, "VALIDATION_FAILED"));
  const amount = { currencyCode: "EUR", minor: 1n };
  const euros = { orderId: id, refundId: "", amount, reason: "", idempotencyKey: "" };
  await assert.rejects(
    asCaller("refundOrder", euros, admin),
    (e) => isReason(e, "VALIDATION_FAILED") && /must be USD, the currency of this order/.test(String(e)),
  );
  await client.updateStatus({ orderId: id, status: "cancelled" });
  await assert.rejects(refund(id, { minor: 1n }), (e) => isReason(e, "REFUND_EXCEEDS_CAPTURED"));
});

test("a cancel after a refund gives back the rest, and no more", async () => {
  const { id, paymentId } = await placed();
  await refund(id, { minor: 700n });
  await client.updateStatus({ orderId: id, status: "cancelled" });
  assert.equal(world.refundedOf(paymentId), 13_696n);
  const { order } = await client.getOrder({ id });
  assert.equal(order?.payment?.refunded?.minor, 13_696n);
});

test("refund and cancel at the same moment give back what was paid, once", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id, paymentId } = await placed();
    await Promise.allSettled([
      refund(id, { minor: 700n }),
      client.updateStatus({ orderId: id, status: "cancelled" }),
      refund(id),
    ]);
    assert.equal(world.refundedOf(paymentId), 13_696n);
  }
});

test("a refund is accepted while the payment service is away, holds its amount, and is finished by its task", async () => {
  const { id, paymentId } = await placed();
  world.down.add("refund");
  const accepted = await refund(id, { minor: 13_000n });
  assert.equal(accepted.refund.status, "pending");
  await assert.rejects(refund(id, { minor: 1_000n }), (e) => isReason(e, "REFUND_EXCEEDS_CAPTURED"));
  assert.equal(await refundEvents(id), 0);
  world.down.clear();
  await tryTasks("finish-refund");
  assert.equal(world.refundedOf(paymentId), 13_000n);
  assert.equal(await refundEvents(id), 1);
});

test("a refund that a crash cut off at any point is finished once", async () => {
  for (const point of ["payment.Refund.received", "payment.Refund.done"]) {
    const { id, paymentId } = await placed();
    setFailpoints((name) => {
      if (name === point) throw new Error("The process ends here.");
    });
    await assert.rejects(refund(id, { minor: 900n }), point);
    setFailpoints(undefined);
    await tryTasks("finish-refund");
    await tryTasks("finish-refund");
    assert.equal(world.refundedOf(paymentId), 900n, point);
    const { order } = await client.getOrder({ id });
    assert.equal(order?.payment?.status, "partially_refunded");
    assert.equal(await refundEvents(id), 1, point);
  }
});

test("a refund under a key that a crash cut off at any point is given once, and its repeat gets the one answer", async () => {
  for (const point of ["payment.Refund.received", "payment.Refund.done"]) {
    const { id, paymentId } = await placed();
    const wish = { key: `cut ${point} ${id}`, minor: 900n };
    setFailpoints((name) => {
      if (name === point) throw new Error("The process ends here.");
    });
    await assert.rejects(refund(id, wish), point);
    setFailpoints(undefined);
    const first = await refund(id, wish);
    const again = await refund(id, wish);
    assert.deepEqual(again, first, point);
    assert.equal(world.refundedOf(paymentId), 900n, point);
    assert.equal(await refundEvents(id), 1, point);
  }
});

test("the answer of a refund that had to wait for its payment stays what it was", async () => {
  const { id } = await placed();
  const wish = { key: `waiting ${id}`, minor: 900n };
  world.down.add("refund");
  const first = await refund(id, wish);
  assert.equal(first.refund.status, "pending");
  world.down.clear();
  await tryTasks("finish-refund");
  assert.deepEqual(await refund(id, wish), first);
});
