import assert from "node:assert/strict";
import { test } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { GuestJoinedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { newOrder, openOrders } from "../testing/open-orders.ts";

const { client, db, hear, asCaller, placed } = await openOrders();

const ownersOf = async (...ids: string[]) =>
  await Promise.all(ids.map(async (id) => (await client.getOrder({ id })).order?.userId));
const confirmedOrder = async (order: ReturnType<typeof newOrder>) => {
  const payment = { id: order.payment.id, brand: "visa", last4: "4242" };
  await client.markPaid({ orderId: order.id, payment });
  return (await client.confirmOrder({ orderId: order.id, trackingNumber: "ST-1" })).order;
};

test("a guest's orders become the account's, once, with the change in their history; nobody else's do", async () => {
  const [guestId, userId] = [newId(), newId()];
  const [one, two, other] = [await placed(guestId), await placed(guestId), await placed()];
  assert.equal((await client.claimOrders({ guestId, userId })).claimed, 2);
  assert.deepEqual(await ownersOf(one.id, two.id, other.id), [userId, userId, other.userId]);
  const list = await client.listOrders({ userId });
  assert.deepEqual([list.total, (await client.listOrders({ userId: guestId })).total], [2n, 0n]);
  const { order } = await client.getOrder({ id: one.id });
  const last = order?.history.at(-1);
  assert.deepEqual([last?.fromStatus, last?.toStatus, last?.actor], ["processing", "processing", userId]);
  assert.ok(last?.reason.includes(guestId));
  assert.equal((await client.claimOrders({ guestId, userId })).claimed, 0);
  assert.equal((await client.getOrder({ id: one.id })).order?.history.length, 3);
});

test("the account sees and cancels what it claimed, and the guest's token no longer does", async () => {
  const [guestId, userId] = [newId(), newId()];
  const { id } = await placed(guestId);
  await client.claimOrders({ guestId, userId });
  const see = async (who: string, role: "guest" | "customer") =>
    await asCaller("getOrder", { id }, testCall({ userId: who, role }));
  await see(userId, "customer");
  await assert.rejects(see(guestId, "guest"), (error) => isReason(error, "ORDER_NOT_FOUND"));
  const cancel = { orderId: id, status: "cancelled", reason: "" };
  await asCaller("updateStatus", cancel, testCall({ userId, role: "customer" }));
});

test("an order under way while its guest signs in is the account's when it is confirmed, whoever walks the steps again", async () => {
  const [guestId, userId] = [newId(), newId()];
  const [pending, unwritten] = [newOrder(guestId), newOrder(guestId)];
  await client.createOrder({ order: pending });
  assert.equal((await client.claimOrders({ guestId, userId })).claimed, 1);
  // Both steps repeat what was asked as the guest.
  await client.createOrder({ order: pending });
  assert.equal((await confirmedOrder(pending))?.userId, userId);
  await client.createOrder({ order: unwritten });
  assert.deepEqual(await ownersOf(unwritten.id), [guestId]);
  assert.equal((await confirmedOrder(unwritten))?.userId, userId);
});

test("what the guest buys afterwards is the guest's, until the next sign-in; of two accounts each keeps its own", async () => {
  const [guestId, first, second] = [newId(), newId(), newId()];
  const before = await placed(guestId);
  await client.claimOrders({ guestId, userId: first });
  const later = newOrder(guestId, newId(Date.now() + 60_000));
  await client.createOrder({ order: later });
  assert.equal((await confirmedOrder(later))?.userId, guestId);
  const at = new Date(Date.now() + 120_000);
  const joined = { guestId, userId: second, joinedAt: timestampFromDate(at) };
  await hear(GuestJoinedSchema, newId(), joined);
  assert.deepEqual(await ownersOf(before.id, later.id), [first, second]);
});

test("a claim that the gateway could not make is made when the event arrives, however often and late", async () => {
  const [guestId, userId, eventId] = [newId(), newId(), newId()];
  const { id } = await placed(guestId);
  const joined = { guestId, userId, joinedAt: timestampFromDate(new Date()) };
  for (let time = 0; time < 2; time += 1) await hear(GuestJoinedSchema, eventId, joined);
  await hear(GuestJoinedSchema, newId(), joined);
  assert.deepEqual(await ownersOf(id), [userId]);
  assert.equal((await client.getOrder({ id })).order?.history.length, 3);
});

test("only services claim, between actors, and the owner of an order does not change by hand", async () => {
  const { id, userId } = await placed();
  for (const call of [testCall({ userId, role: "admin" }), testCall({ userId, role: "guest" })])
    await assert.rejects(asCaller("claimOrders", { guestId: userId, userId: newId() }, call), {
      reason: "SERVICE_REQUIRED",
    });
  await assert.rejects(client.claimOrders({ guestId: "me", userId }), { reason: "VALIDATION_FAILED" });
  await assert.rejects(db.run("update orders set user_id = $2 where id = $1", [id, newId()]), /never change/);
  await assert.rejects(db.run("delete from order_owner_changes"), /append-only/);
});
