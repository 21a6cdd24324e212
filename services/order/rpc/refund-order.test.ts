import assert from "node:assert/strict";
import { test } from "node:test";
import { PaymentRefundedSchema } from "#gen/stoa/payment/v1/payment_pb.js";
import { isReason, type AppError } from "#platform/kit/errors.ts";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { newOrder, openOrders, usd } from "../testing/open-orders.ts";

const { client, world, hear, asCaller, tryTasks, topicsOf, placed } = await openOrders();
const admin = testCall({ userId: newId(), role: "admin" });

interface Answer {
  refund: { id: string; status: string; amount: { minor: bigint } };
  order: {
    payment: { status: string; refunded: { minor: bigint } };
    refundedAmount: { minor: bigint };
    netAmount: { minor: bigint };
  };
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
    full: amount === undefined,
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
  assert.deepEqual([rest.order.refundedAmount.minor, rest.order.netAmount.minor], [13_696n, 0n]);
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
  const euros = { orderId: id, refundId: "", amount, reason: "", full: false, idempotencyKey: "" };
  await assert.rejects(
    asCaller("refundOrder", euros, admin),
    (e) => isReason(e, "VALIDATION_FAILED") && /must be USD, the currency of this order/.test(String(e)),
  );
  await client.updateStatus({ orderId: id, status: "cancelled" });
  await assert.rejects(refund(id, { minor: 1n }), (e) => isReason(e, "REFUND_EXCEEDS_CAPTURED"));
});

test("a refund says its amount or that it is all, never nothing and never both", async () => {
  const { id, paymentId } = await placed();
  const bare = { orderId: id, refundId: "", reason: "", idempotencyKey: "" };
  for (const wrong of [{ full: false }, { full: true, amount: usd(1n) }]) {
    await assert.rejects(asCaller("refundOrder", { ...bare, ...wrong }, admin), (error) => {
      assert.ok(isReason(error, "VALIDATION_FAILED"));
      assert.deepEqual(
        (error as AppError).violations.map(({ path }) => path),
        ["amount", "full"],
      );
      return true;
    });
  }
  assert.equal(world.refundedOf(paymentId), 0n);
});

test("a refund of too much says what is left, less what is still on its way", async () => {
  const { id } = await placed();
  await refund(id, { minor: 3_000n });
  world.down.add("refund");
  await refund(id, { minor: 700n });
  world.down.clear();
  await assert.rejects(refund(id, { minor: 9_997n }), (error) => {
    assert.ok(isReason(error, "REFUND_EXCEEDS_CAPTURED"));
    assert.match((error as AppError).publicMessage, /At most 99\.96 USD/);
    assert.deepEqual((error as AppError).details["left"], { amount: "99.96", currencyCode: "USD" });
    return true;
  });
  await refund(id, { minor: 9_996n });
  await assert.rejects(refund(id), (error) => /Nothing of this order is left/.test(String(error)));
});

test("a refund that the provider does not give says so, and its amount is free again", async () => {
  const { id } = await placed();
  world.refusesRefunds = true;
  await assert.rejects(refund(id, { minor: 700n }), (e) => isReason(e, "REFUND_REFUSED"));
  world.refusesRefunds = false;
  assert.deepEqual(await refundsOf(id), [`700 refused ${(admin.actor as { userId: string }).userId}`]);
  assert.equal((await refund(id)).refund.amount.minor, 13_696n);
});

interface RefundList {
  refunds: { id: string; amount: { minor: bigint }; status: string; actor: string; reason: string }[];
}

async function refundsOf(orderId: string): Promise<string[]> {
  const { refunds } = await asCaller<RefundList>("listRefunds", { orderId }, admin);
  return refunds.map(({ amount, status, actor }) => `${amount.minor} ${status} ${actor}`);
}

test("what was given back is listed, with who gave it, and a cancel's rest beside it; the sum is the order's", async () => {
  const { id, userId } = await placed();
  const { userId: adminId } = admin.actor as { userId: string };
  await refund(id, { minor: 3_000n });
  assert.deepEqual(await refundsOf(id), [`3000 done ${adminId}`]);
  await asCaller("updateStatus", { orderId: id, status: "cancelled", reason: "late" }, testCall({ userId }));
  assert.deepEqual(await refundsOf(id), [`3000 done ${adminId}`, `10696 done ${userId}`]);
  const { order } = await client.getOrder({ id });
  assert.deepEqual([order?.refundedAmount?.minor, order?.netAmount?.minor], [13_696n, 0n]);
  assert.deepEqual(
    order?.history.map(({ toStatus, refunded }) => `${toStatus} ${refunded?.minor ?? ""}`.trim()),
    ["pending", "processing", "processing 3000", "cancelled"],
  );
  await assert.rejects(asCaller("listRefunds", { orderId: id }, testCall({ userId })), (e) =>
    isReason(e, "ADMIN_REQUIRED"),
  );
});

test("an order whose money is all back, or on its way back, is not shipped, and says so; part of it does not matter", async () => {
  const ship = (orderId: string) => client.updateStatus({ orderId, status: "shipped" });
  const [part, whole, waiting] = [await placed(), await placed(), await placed()];
  await refund(part.id, { minor: 13_695n });
  assert.equal((await ship(part.id)).order?.status, "shipped");
  await refund(whole.id);
  await assert.rejects(ship(whole.id), (e) => isReason(e, "ORDER_REFUNDED"));
  world.down.add("refund");
  await refund(waiting.id);
  world.down.clear();
  await assert.rejects(ship(waiting.id), (e) => isReason(e, "ORDER_REFUNDED"));
  const { order } = await client.updateStatus({ orderId: whole.id, status: "cancelled" });
  assert.equal(order?.status, "cancelled");
  assert.ok(world.released.has(whole.id));
});

test("of a full refund and a shipment at once, the goods never leave after the money", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id } = await placed();
    const [shipped, refunded] = await Promise.allSettled([
      client.updateStatus({ orderId: id, status: "shipped" }),
      refund(id),
    ]);
    assert.equal(refunded.status, "fulfilled");
    const { order } = await client.getOrder({ id });
    const kinds = order?.history.map(({ toStatus, refunded: money }) => (money ? "refund" : toStatus)) ?? [];
    const isAfter = kinds.includes("shipped") && kinds.indexOf("refund") < kinds.indexOf("shipped");
    // The refund is noted when its money is back; it may be asked for, and refused to the parcel, before.
    assert.ok(shipped.status === "fulfilled" || isReason(shipped.reason, "ORDER_REFUNDED"));
    assert.ok(!isAfter, kinds.join(" "));
  }
});

test("a refund made at the provider is one of the order, once, and told like any other", async () => {
  const { id, paymentId } = await placed();
  const tell = async (refundId: string, minor: bigint, eventId = newId()) =>
    await hear(PaymentRefundedSchema, eventId, { paymentId, orderId: id, refundId, amount: usd(minor) });
  await Promise.all(Array.from({ length: 5 }, () => tell("stripe:re_1", 500n)));
  assert.deepEqual(await refundsOf(id), ["500 done payment"]);
  assert.equal(await refundEvents(id), 1);
  const long = `stripe:${"x".repeat(200)}`;
  await tell(long, 100n);
  await tell(long, 100n);
  const { order } = await client.getOrder({ id });
  assert.deepEqual([order?.refundedAmount?.minor, order?.netAmount?.minor], [600n, 13_096n]);
  assert.equal(order?.payment?.status, "partially_refunded");
  await assert.rejects(refund(id, { minor: 13_097n }), (e) => isReason(e, "REFUND_EXCEEDS_CAPTURED"));
});

test("news of a refund that come before the order is paid are not lost, and after its cancel change no sum", async () => {
  const wish = newOrder();
  const early = { paymentId: wish.payment.id, orderId: wish.id, refundId: "early", amount: usd(200n) };
  await client.createOrder({ order: wish });
  await hear(PaymentRefundedSchema, newId(), early);
  assert.equal((await client.getOrder({ id: wish.id })).order?.refundedAmount?.minor, 0n);
  const payment = { id: wish.payment.id, brand: "visa", last4: "4242" };
  const { order } = await client.markPaid({ orderId: wish.id, payment });
  assert.deepEqual([order?.refundedAmount?.minor, order?.payment?.status], [200n, "partially_refunded"]);
  const late = await placed();
  await client.updateStatus({ orderId: late.id, status: "cancelled" });
  await hear(PaymentRefundedSchema, newId(), { ...early, orderId: late.id, amount: usd(300n) });
  assert.deepEqual(await refundsOf(late.id), ["300 done payment", "13396 done gateway"]);
  assert.equal(await refundEvents(late.id), 0);
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
