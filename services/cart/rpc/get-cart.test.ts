import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { GetCartRequestSchema } from "#gen/stoa/cart/v1/cart_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { money } from "#platform/kit/money.ts";
import { testCall } from "#platform/testing/call.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { expireCartsJob } from "../jobs/expire-carts.ts";
import { contentOf, mug, openCarts, watch } from "../testing/open-carts.ts";
import { getCart } from "./get-cart.ts";

const dayMs = 24 * 3_600_000;
const clock = new TestClock();
const { carts, catalogue, ctx, db } = await openCarts(clock);
const cartOf = async (userId: string) => (await carts.getCart({ userId })).cart;
const sweep = () => expireCartsJob(ctx).run(new AbortController().signal);

test("the cart of an actor who never had one is empty, costs nothing and would live for seven days", async () => {
  const userId = newId();
  const cart = await cartOf(userId);
  assert.deepEqual([cart?.userId, cart?.version, cart?.items], [userId, 0n, []]);
  assert.equal(cart?.subtotal?.minor, 0n);
  assert.equal(cart?.expiresAt && timestampMs(cart.expiresAt), clock.now().getTime() + 7 * dayMs);
  assert.deepEqual(await db.rows("select 1 from carts where user_id = $1", [userId]), []);
});

test("a cart is gone seven days after the last touch, to the millisecond, swept or not", async () => {
  for (const isSwept of [false, true]) {
    const userId = newId();
    await carts.addItem({ userId, productId: mug, quantity: 1 });
    clock.advance(7 * dayMs - 1);
    if (isSwept) await sweep();
    assert.equal((await db.rows("select 1 from cart where user_id = $1", [userId])).length, 1);
    clock.advance(1);
    if (isSwept) await sweep();
    assert.deepEqual((await cartOf(userId))?.items, []);
  }
});

test("looking at a cart is a touch: it goes on for seven days from then", async () => {
  const userId = newId();
  await carts.addItem({ userId, productId: mug, quantity: 1 });
  const { version } = (await cartOf(userId)) ?? {};
  for (let look = 0; look < 10; look += 1) {
    clock.advance(5 * dayMs);
    const cart = await cartOf(userId);
    assert.deepEqual(contentOf(cart), [`${mug} x1`]);
    assert.equal(cart?.version, version);
    assert.equal(cart?.expiresAt && timestampMs(cart.expiresAt), clock.now().getTime() + 7 * dayMs);
  }
});

test("whoever looks in on the first day finds the cart six days and twenty-two hours later", async () => {
  const userId = newId();
  await carts.addItem({ userId, productId: mug, quantity: 1 });
  clock.advance(2 * 3_600_000);
  await cartOf(userId);
  clock.advance(7 * dayMs - 3_600_000);
  assert.deepEqual(contentOf(await cartOf(userId)), [`${mug} x1`]);
});

test("a version grows with every change, also across expiry and clearing, and never comes back", async () => {
  const userId = newId();
  const seen: bigint[] = [];
  const look = async () => seen.push((await cartOf(userId))?.version ?? -1n);
  const add = async () =>
    seen.push((await carts.addItem({ userId, productId: mug, quantity: 1 })).cart?.version ?? -1n);
  await look();
  await add();
  await add();
  clock.advance(8 * dayMs);
  await look();
  await add();
  clock.advance(8 * dayMs);
  await sweep();
  await look();
  await add();
  await carts.clearCart({ userId });
  await look();
  await add();
  await carts.setItem({ userId, productId: mug, quantity: 5 });
  await look();
  await carts.setItem({ userId, productId: mug, quantity: 0 });
  await look();
  for (let index = 1; index < seen.length; index += 1)
    assert.ok((seen[index] ?? 0n) > (seen[index - 1] ?? 0n), `${seen.join(", ")} does not grow at ${index}`);
});

test("the version goes on above the old one even when the row was forgotten in between", async () => {
  const userId = newId();
  const before = (await carts.addItem({ userId, productId: mug, quantity: 1 })).cart?.version ?? 0n;
  clock.advance(8 * dayMs);
  await sweep();
  clock.advance(91 * dayMs);
  await sweep();
  assert.deepEqual(await db.rows("select 1 from carts where user_id = $1", [userId]), []);
  const { cart } = await carts.addItem({ userId, productId: mug, quantity: 1 });
  assert.ok((cart?.version ?? 0n) > before);
  assert.deepEqual(contentOf(cart), [`${mug} x1`]);
});

test("names and prices are those of the catalogue at this moment; what was deleted stays as gone, and can be taken out", async () => {
  const userId = newId();
  const lamp = catalogue.add("LAMP000001", "Brief Lamp", 1000n);
  await carts.addItem({ userId, productId: watch, quantity: 1 });
  clock.advance(1);
  await carts.addItem({ userId, productId: lamp.id, quantity: 3 });
  lamp.name = "Long Lamp";
  lamp.price = money("USD", 1100n);
  const item = (await cartOf(userId))?.items[1];
  assert.deepEqual([item?.name, item?.unitPrice?.minor, item?.subtotal?.minor], ["Long Lamp", 1100n, 3300n]);
  assert.deepEqual([item?.availability, item?.availableQuantity], ["available", 1000n]);
  lamp.stockQuantity = 2n;
  const short = (await cartOf(userId))?.items[1];
  assert.deepEqual([short?.availability, short?.availableQuantity], ["short", 2n]);
  lamp.isGone = true;
  const cart = await cartOf(userId);
  assert.deepEqual(contentOf(cart), [`${watch} x1`, `${lamp.code} x3`]);
  const gone = cart?.items[1];
  assert.deepEqual(
    [gone?.name, gone?.availability, gone?.availableQuantity, gone?.subtotal?.minor],
    ["Long Lamp", "gone", 0n, 0n],
  );
  assert.deepEqual(cart?.subtotal, cart?.items[0]?.subtotal);
  await carts.setItem({ userId, productId: lamp.id, quantity: 0 });
  assert.equal((await db.rows("select 1 from cart where user_id = $1", [userId])).length, 1);
});

test("a cart is for its owner, for admins and for services; for others there is none", async () => {
  const userId = newId();
  const get = (call: ReturnType<typeof testCall>, id = userId) =>
    getCart(ctx, create(GetCartRequestSchema, { userId: id }), call);
  const refused = { kind: "not_found", reason: "CART_NOT_FOUND" };
  for (const call of [
    testCall({ userId }),
    testCall({ userId: newId(), role: "admin" }),
    testCall({ service: "order" }),
  ])
    await get(call);
  await assert.rejects(get(testCall()), { reason: "TOKEN_REQUIRED" });
  await assert.rejects(get(testCall({ userId: newId() })), refused);
  await assert.rejects(get(testCall({ userId: newId(), role: "guest", service: "gateway" })), refused);
  for (const id of ["", "me", "x\0", userId.toUpperCase(), `${userId} `])
    await assert.rejects(get(testCall({ service: "order" }), id), refused);
});
