import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { OrderSchema } from "#gen/stoa/order/v1/order_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { encodeCursor } from "#platform/database/page.ts";
import { testCall } from "#platform/testing/call.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { exportOrders, orderHead, orderRows } from "../export.ts";
import { parseNewOrder } from "../new-order.ts";
import { insertOrder } from "../store.ts";
import { newOrder, openOrders } from "../testing/open-orders.ts";

const { shop, client, db, world, asCaller, placed } = await openOrders();

interface Page {
  orders: { id: string; userId: string; status: string }[];
  nextCursor: string;
  total: bigint;
}

function list(change: object, call = testCall({ service: "gateway" })): Promise<Page> {
  const all = { userId: "", status: "", email: "", limit: 0, cursor: "" };
  return asCaller("listOrders", { ...all, ...change }, call);
}

test("paging meets each order exactly once, newest first, while others are placed", async () => {
  const userId = newId();
  // Five at a time in one transaction: orders of one and the same moment.
  for (let moment = 0; moment < 5; moment += 1) {
    await db.inTransaction(async (tx) => {
      for (let count = 0; count < 5; count += 1)
        await insertOrder(tx, parseNewOrder(create(OrderSchema, newOrder(userId))), "checkout");
    });
  }
  const wanted = await db.rows<{ id: string }>(
    "select id from orders where user_id = $1 order by created_at desc, id desc",
    [userId],
  );
  const seen: string[] = [];
  let cursor = "";
  do {
    const page = await list({ userId, limit: 7, cursor });
    seen.push(...page.orders.map(({ id }) => id));
    cursor = page.nextCursor;
    if (seen.length === 7) await client.createOrder({ order: newOrder(userId) });
  } while (cursor !== "");
  assert.deepEqual(
    seen,
    wanted.map(({ id }) => id),
  );
  assert.equal((await list({ userId })).total, 26n);
});

test("customers see their own orders only, whatever they ask for; admins see all", async () => {
  const [ada, bob] = [await placed(), await placed()];
  const asAda = testCall({ userId: ada.userId });
  const own = await list({}, asAda);
  assert.deepEqual(
    own.orders.map(({ id }) => id),
    [ada.id],
  );
  assert.equal(own.total, 1n);
  await assert.rejects(list({ userId: bob.userId }, asAda), (e) => isReason(e, "ORDER_NOT_FOUND"));
  await assert.rejects(list({}, testCall()), (e) => isReason(e, "TOKEN_REQUIRED"));
  assert.deepEqual((await list({ email: "ada@example.com" }, asAda)).total, 1n);
  const asAdmin = testCall({ userId: newId(), role: "admin" });
  assert.equal((await list({ userId: bob.userId }, asAdmin)).orders[0]?.id, bob.id);
  assert.ok((await list({}, asAdmin)).total >= 2n);
});

test("filters narrow by status, mail and time", async () => {
  const { id, userId } = await placed();
  assert.equal((await list({ userId, status: "processing" })).total, 1n);
  assert.equal((await list({ userId, status: "shipped" })).total, 0n);
  assert.equal((await list({ userId, email: "ADA@example.com" })).total, 1n);
  const soon = { seconds: BigInt(Math.floor(Date.now() / 1000) + 60), nanos: 0 };
  assert.equal((await list({ userId, createdUntil: soon })).orders[0]?.id, id);
  assert.equal((await list({ userId, createdFrom: soon })).total, 0n);
  await assert.rejects(list({ status: "lost" }), (e) => isReason(e, "VALIDATION_FAILED"));
});

test("a cursor from elsewhere is refused, never an error of ours", async () => {
  for (const keys of [["x", newId()], [1e300, newId()], [1, "x"], [1], [null, null]])
    await assert.rejects(list({ cursor: encodeCursor(keys) }), (e) => isReason(e, "VALIDATION_FAILED"));
});

test("an order is found by its number in any casing, by its owner only", async () => {
  const { id, userId } = await placed();
  const number = (await client.getOrder({ id })).order?.orderNumber ?? "";
  const get = (call = testCall({ userId })) => asCaller("getOrder", { id: number.toLowerCase() }, call);
  assert.equal((await (get() as Promise<{ order: { id: string } }>)).order.id, id);
  await assert.rejects(get(testCall({ userId: newId() })), (e) => isReason(e, "ORDER_NOT_FOUND"));
  await assert.rejects(get(testCall()), (e) => isReason(e, "TOKEN_REQUIRED"));
  for (const unknown of ["", "1", newId(), "S-0000000000"])
    await assert.rejects(client.getOrder({ id: unknown }), (e) => isReason(e, "ORDER_NOT_FOUND"));
});

test("events reach those who listen, in the order of the order's life", async () => {
  shop.startWork();
  const { id } = await placed();
  await client.updateStatus({ orderId: id, status: "shipped" });
  await client.updateStatus({ orderId: id, status: "delivered" });
  await eventually("three events have arrived", () => world.topicsOf(id).length === 3);
  assert.deepEqual(world.topicsOf(id), ["order.placed", "order.shipped", "order.delivered"]);
});

test("an export has each placed order once, and sums of its columns are those of the orders", async () => {
  const userId = newId();
  await db.inTransaction(async (tx) => {
    for (let count = 0; count < 3; count += 1)
      await insertOrder(tx, parseNewOrder(create(OrderSchema, newOrder(userId))), "checkout");
  });
  const lines: string[] = [];
  const count = await exportOrders(
    db,
    orderRows,
    (text) => {
      lines.push(...text.split("\r\n").filter((line) => line !== ""));
      return Promise.resolve();
    },
    () => undefined,
  );
  const placedOrders = await db.rows<{ orderNumber: string; items: number }>(
    `select order_number as "orderNumber", (select count(*)::int from order_items where order_id = orders.id) as items
     from orders where abandoned_at is null order by created_at, id`,
  );
  assert.equal(count, placedOrders.length);
  assert.deepEqual(
    lines.map((line) => line.split(",")[0]),
    placedOrders.flatMap(({ orderNumber, items }) => Array.from({ length: items }, () => orderNumber)),
  );
  const titles = orderHead.trim().split(",");
  const own = placedOrders.at(-1);
  const rows = lines.filter((line) => line.startsWith(`${own?.orderNumber},`)).map((line) => line.split(","));
  const total = titles.indexOf("totalAmount");
  assert.match(rows[0]?.[total] ?? "", /^\d+\.\d\d$/);
  assert.ok(rows.slice(1).every((row) => row[total] === ""));
});

test("figures count what was placed and given back between two moments, by the cent and for each currency", async () => {
  const at = async () => (await db.row<{ at: Date }>("select clock_timestamp() as at"))?.at ?? new Date(0);
  const stamp = (time: Date) => ({
    seconds: BigInt(time.getTime()) / 1000n,
    nanos: (time.getTime() % 1000) * 1_000_000,
  });
  const ask = async (from: Date, until: Date, call = testCall({ userId: newId(), role: "admin" })) =>
    await asCaller<{ currencies: { orders: bigint; [name: string]: unknown }[] }>(
      "getFigures",
      { from: stamp(from), until: stamp(until) },
      call,
    );
  const before = await placed();
  const from = new Date((await at()).getTime() + 1);
  await eventually("a moment has gone", async () => (await at()) > from);
  const [kept, cancelled] = [await placed(), await placed()];
  await client.createOrder({ order: newOrder() });
  for (const [orderId, minor] of [
    [before.id, 500n],
    [kept.id, 96n],
    [cancelled.id, 1_000n],
  ] as const)
    await client.refundOrder({
      orderId,
      refundId: `figures-${orderId}`,
      amount: { currencyCode: "USD", minor },
    });
  await client.updateStatus({ orderId: cancelled.id, status: "cancelled" });
  const until = new Date((await at()).getTime() + 1);
  const money = (minor: bigint) => ({ currencyCode: "USD", minor });
  const { currencies } = await ask(from, until);
  assert.deepEqual(currencies, [
    {
      currencyCode: "USD",
      orders: 2n,
      revenue: money(2n * 13_696n),
      cancelled: 1n,
      refunds: 4n,
      refunded: money(500n + 96n + 13_696n),
    },
  ]);
  const soon = new Date(until.getTime() + 60_000);
  assert.deepEqual((await ask(new Date(until.getTime() + 1_000), soon)).currencies, []);
  for (const [one, other] of [
    [until, from],
    [from, new Date(from.getTime() + 32 * 86_400_000)],
  ] as const)
    await assert.rejects(ask(one, other), (e) => isReason(e, "VALIDATION_FAILED"));
  const customer = testCall({ userId: kept.userId });
  await assert.rejects(ask(from, until, customer), (e) => isReason(e, "ADMIN_REQUIRED"));
});
