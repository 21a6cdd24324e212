import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { ConsumeCartRequestSchema } from "#gen/stoa/cart/v1/cart_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { contentOf, mug, openCarts, sunglasses, watch } from "../testing/open-carts.ts";
import { consumeCart } from "./consume-cart.ts";

const { carts, ctx } = await openCarts();
const add = async (userId: string, productId: string, quantity: number) =>
  (await carts.addItem({ userId, productId, quantity })).cart;
const contentNow = async (userId: string) => contentOf((await carts.getCart({ userId })).cart);

test("what was bought is taken out once; what was put in since stays", async () => {
  const userId = newId();
  await add(userId, mug, 2);
  const bought = (await add(userId, watch, 1))?.items.map(({ variantId, quantity }) => ({
    variantId,
    quantity,
  }));
  await add(userId, mug, 3);
  await add(userId, sunglasses, 1);
  const order = { userId, orderId: newId(), items: bought ?? [] };
  for (let time = 0; time < 3; time += 1) {
    await carts.consumeCart(order);
    assert.deepEqual(await contentNow(userId), [`${mug} x3`, `${sunglasses} x1`]);
  }
});

test("parallel repeats of one order take its items out once", async () => {
  const userId = newId();
  const cart = await add(userId, mug, 50);
  const order = {
    userId,
    orderId: newId(),
    items: [{ variantId: cart?.items[0]?.variantId ?? "", quantity: 2 }],
  };
  await Promise.all(Array.from({ length: 20 }, () => carts.consumeCart(order)));
  assert.deepEqual(await contentNow(userId), [`${mug} x48`]);
});

test("two items of one variant count as their sum, and more than there is takes it out", async () => {
  const userId = newId();
  const variantId = (await add(userId, mug, 5))?.items[0]?.variantId ?? "";
  const items = [
    { variantId, quantity: 1 },
    { variantId, quantity: 2 },
  ];
  await carts.consumeCart({ userId, orderId: newId(), items });
  assert.deepEqual(await contentNow(userId), [`${mug} x2`]);
  await carts.consumeCart({ userId, orderId: newId(), items });
  assert.deepEqual(await contentNow(userId), []);
});

test("a consumed cart has another version, so that it is not the one that was bought", async () => {
  const userId = newId();
  const cart = await add(userId, mug, 1);
  await carts.consumeCart({ userId, orderId: newId(), items: [{ variantId: newId(), quantity: 1 }] });
  assert.ok(((await carts.getCart({ userId })).cart?.version ?? 0n) > (cart?.version ?? 0n));
});

test("items that name no variant or no quantity are refused with their paths", async () => {
  const items = [
    { variantId: "mug", quantity: 1 },
    { variantId: newId(), quantity: 0 },
  ];
  await assert.rejects(carts.consumeCart({ userId: newId(), orderId: "1", items }), {
    reason: "VALIDATION_FAILED",
    violations: [
      { path: "orderId", message: "must be the id of an order" },
      { path: "items[0].variantId", message: "must be the id of a variant" },
      { path: "items[1].quantity", message: "must be 1 or more" },
    ],
  });
});

test("only services consume", async () => {
  const request = create(ConsumeCartRequestSchema, { userId: newId(), orderId: newId() });
  for (const call of [testCall(), testCall({ userId: request.userId, role: "admin" })])
    await assert.rejects(consumeCart(ctx, request, call), { reason: "SERVICE_REQUIRED" });
});
