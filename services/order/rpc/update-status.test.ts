import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason, type AppError } from "#platform/kit/errors.ts";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { legalMoves, orderStatuses, type OrderStatus } from "../order.ts";
import { newOrder, openOrders, usd } from "../testing/open-orders.ts";

const { client, db, world, asCaller, runJob, tryTasks, topicsOf, placed } = await openOrders();
const admin = testCall({ userId: newId(), role: "admin" });

/** A fresh order in any status, reached by legal moves. */
async function orderIn(status: OrderStatus) {
  if (status === "pending") {
    const order = newOrder();
    await client.createOrder({ order });
    return { id: order.id, paymentId: order.payment.id, userId: order.userId };
  }
  const ids = await placed();
  const path = {
    processing: [],
    shipped: ["shipped"],
    delivered: ["shipped", "delivered"],
    cancelled: ["cancelled"],
  };
  for (const next of path[status]) await client.updateStatus({ orderId: ids.id, status: next });
  return ids;
}

function update(orderId: string, status: string, call = admin): Promise<{ order: { status: string } }> {
  return asCaller("updateStatus", { orderId, status, reason: "" }, call);
}

test("an admin makes every legal move and no other; refusals name the legal ones", async () => {
  for (const from of orderStatuses) {
    for (const to of orderStatuses) {
      const { id } = await orderIn(from);
      const before = await topicsOf(id);
      const attempt = update(id, to);
      if (from === "pending" && to === "processing") {
        // Money alone makes an order paid: the move is MarkPaid's.
        await assert.rejects(attempt, (e) => isReason(e, "ORDER_NOT_PAID"));
      } else if (legalMoves(from).includes(to)) {
        assert.equal((await attempt).order.status, to);
        assert.deepEqual(await topicsOf(id), [...before, `order.${to}`]);
      } else {
        await assert.rejects(attempt, (e) => {
          assert.ok(isReason(e, "STATUS_TRANSITION_INVALID"), `${from} to ${to}`);
          assert.deepEqual((e as AppError).details, { from, to, legal: legalMoves(from) });
          return true;
        });
        assert.deepEqual(await topicsOf(id), before);
      }
    }
  }
});

test("an owner may cancel and nothing else; to everyone else the order does not exist", async () => {
  const { id, userId } = await orderIn("processing");
  const owner = testCall({ userId });
  await assert.rejects(update(id, "cancelled", testCall()), (e) => isReason(e, "TOKEN_REQUIRED"));
  await assert.rejects(update(id, "shipped", owner), (e) => isReason(e, "ADMIN_REQUIRED"));
  for (const stranger of [testCall({ userId: newId() }), testCall({ userId: newId(), role: "guest" })])
    await assert.rejects(update(id, "cancelled", stranger), (e) => isReason(e, "ORDER_NOT_FOUND"));
  assert.equal((await update(id, "cancelled", owner)).order.status, "cancelled");
  await assert.rejects(update(id, "vanished"), (e) => isReason(e, "VALIDATION_FAILED"));
});

test("a cancel brings back stock, money and parcel before it answers", async () => {
  const { id, paymentId } = await orderIn("processing");
  await update(id, "cancelled");
  assert.ok(world.released.has(id) && world.stopped.has(id));
  assert.equal(world.refundedOf(paymentId), 13_696n);
  const { order } = await client.getOrder({ id });
  assert.equal(order?.payment?.status, "refunded");
  assert.equal(order?.payment?.refunded?.minor, 13_696n);
});

test("of cancel and ship at the same moment exactly one wins, and the money follows it", async () => {
  const winners = new Set<string>();
  for (let round = 0; round < 40; round += 1) {
    const { id, paymentId } = await orderIn("processing");
    const attempts =
      round % 2 === 0 ? ["cancelled", "shipped", "cancelled"] : ["shipped", "cancelled", "shipped"];
    const outcomes = await Promise.allSettled(attempts.map((to) => update(id, to)));
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1, `round ${round}`);
    const { order } = await client.getOrder({ id });
    assert.ok(order);
    winners.add(order.status);
    assert.equal(world.refundedOf(paymentId), order.status === "cancelled" ? 13_696n : 0n);
    assert.equal(world.released.has(id), order.status === "cancelled");
    assert.deepEqual(await topicsOf(id), ["order.placed", `order.${order.status}`]);
    assert.equal(order.history.length, 3);
  }
  assert.deepEqual([...winners].sort(), ["cancelled", "shipped"]);
});

test("a cancel is kept while neighbours are away, and finished by its task", async () => {
  for (const call of ["releaseReservation", "cancelPayment", "cancelShipment"]) {
    const { id, paymentId } = await orderIn("processing");
    world.down.add(call);
    assert.equal((await update(id, "cancelled")).order.status, "cancelled");
    world.down.clear();
    await tryTasks("finish-cancel");
    assert.ok(world.released.has(id) && world.stopped.has(id), call);
    assert.equal(world.refundedOf(paymentId), 13_696n, call);
    const open = await db.rows("select 1 from cancel_tasks where order_id = $1 and done_at is null", [id]);
    assert.equal(open.length, 0, call);
  }
});

test("a cancel that is cut off after its commit, before anything was given back, is finished by its task", async () => {
  const { id, paymentId } = await orderIn("processing");
  setFailpoints((name) => {
    if (name.endsWith(".received")) throw new Error("The process ends here.");
  });
  await update(id, "cancelled");
  setFailpoints(undefined);
  assert.equal(world.refundedOf(paymentId), 0n);
  await tryTasks("finish-cancel");
  assert.equal(world.refundedOf(paymentId), 13_696n);
  assert.deepEqual(await topicsOf(id), ["order.placed", "order.cancelled"]);
});

test("the parcel follows the order, and an order without one moves all the same", async () => {
  const { id } = await orderIn("processing");
  await update(id, "shipped");
  assert.ok(world.sent.has(id));
  world.down.add("advanceShipment");
  assert.equal((await update(id, "delivered")).order.status, "delivered");
  world.down.clear();
});

test("cancels and refunds that a release without tasks left open become tasks", async () => {
  const [cancelled, refunded] = [await placed(), await placed()];
  world.down.add("cancelPayment").add("refund");
  await update(cancelled.id, "cancelled");
  const pending = await client.refundOrder({ orderId: refunded.id, refundId: "r-1", amount: usd(900n) });
  assert.equal(pending.refund?.status, "pending");
  world.down.clear();
  // As the release before would have left them.
  await db.run("delete from tasks where lane is null");
  await db.run("update cancel_tasks set created_at = now() - interval '1 minute' where done_at is null");
  await db.run("update order_refunds set created_at = now() - interval '1 minute' where status = 'pending'");
  await runJob("collect-owed");
  await runJob("collect-owed");
  await tryTasks("finish-cancel");
  await tryTasks("finish-refund");
  assert.equal(world.refundedOf(cancelled.paymentId), 13_696n);
  assert.equal(world.refundedOf(refunded.paymentId), 900n);
  const open = await db.rows("select 1 from tasks where lane is null and done_at is null");
  assert.equal(open.length, 0);
});
