import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { mug, openCarts } from "../testing/open-carts.ts";
import { getItems } from "./get-items.ts";

const clock = new TestClock();
const { carts, catalogue, ctx } = await openCarts(clock);

test("what is in a cart is told with the version of the cart, and the catalogue is not asked", async () => {
  const userId = newId();
  await carts.addItem({ userId, productId: mug, quantity: 3 });
  const { cart } = await carts.getCart({ userId });
  const askedBefore = catalogue.calls;
  const { version, items } = await carts.getItems({ userId });
  assert.equal(version, cart?.version);
  assert.equal(items[0]?.quantity, 3);
  assert.deepEqual(
    items.map(({ variantId, quantity }) => [variantId, quantity]),
    cart?.items.map(({ variantId, quantity }) => [variantId, quantity]),
  );
  assert.equal(catalogue.calls, askedBefore);
});

test("an expired cart holds nothing, at the version that an empty cart then has", async () => {
  const userId = newId();
  await carts.addItem({ userId, productId: mug, quantity: 1 });
  clock.advance(7 * 24 * 3_600_000);
  const { version, items } = await carts.getItems({ userId });
  assert.deepEqual(items, []);
  assert.equal(version, (await carts.getCart({ userId })).cart?.version);
});

test("someone else's cart is not there, and nobody at all is asked who they are", async () => {
  const userId = newId();
  await assert.rejects(getItems(ctx, { userId }, testCall({ userId: newId() })), {
    reason: "CART_NOT_FOUND",
  });
  await assert.rejects(getItems(ctx, { userId }, testCall()), { reason: "TOKEN_REQUIRED" });
});
