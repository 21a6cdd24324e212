import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { contentOf, mug, openCarts } from "../testing/open-carts.ts";
import { clearCart } from "./clear-cart.ts";

const { carts, ctx } = await openCarts();

test("a cleared cart is empty, once and twice, and can be filled again", async () => {
  const userId = newId();
  await carts.clearCart({ userId });
  await carts.addItem({ userId, productId: mug, quantity: 5 });
  await carts.clearCart({ userId });
  const { cart } = await carts.getCart({ userId });
  assert.deepEqual(contentOf(cart), []);
  await carts.clearCart({ userId });
  assert.equal((await carts.getCart({ userId })).cart?.version, cart?.version);
  assert.deepEqual(contentOf((await carts.addItem({ userId, productId: mug, quantity: 1 })).cart), [
    `${mug} x1`,
  ]);
});

test("nobody clears the cart of somebody else", async () => {
  const userId = newId();
  await carts.addItem({ userId, productId: mug, quantity: 1 });
  await assert.rejects(clearCart(ctx, { userId }, testCall()), { reason: "TOKEN_REQUIRED" });
  await assert.rejects(clearCart(ctx, { userId }, testCall({ userId: newId() })), {
    reason: "CART_NOT_FOUND",
  });
  assert.deepEqual(contentOf((await carts.getCart({ userId })).cart), [`${mug} x1`]);
});
