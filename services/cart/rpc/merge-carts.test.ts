import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MergeCartsRequestSchema } from "#gen/stoa/cart/v1/cart_pb.js";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { cartTimes } from "../context.ts";
import { addCartItem, findCart, mergeCarts as mergeStoredCarts } from "../store.ts";
import { contentOf, mug, openCarts, sunglasses, watch } from "../testing/open-carts.ts";
import { mergeCarts } from "./merge-carts.ts";

const { carts, ctx } = await openCarts();
const add = (userId: string, productId: string, quantity: number) =>
  carts.addItem({ userId, productId, quantity });
const contentNow = async (userId: string) => contentOf((await carts.getCart({ userId })).cart);

test("a guest's cart is added to the account's, capped, and is empty afterwards; again changes nothing", async () => {
  const [guest, account] = [newId(), newId()];
  await add(account, mug, 90);
  await add(account, watch, 1);
  await add(guest, mug, 20);
  await add(guest, watch, 2);
  await add(guest, sunglasses, 3);
  const merged = [`${mug} x99`, `${watch} x3`, `${sunglasses} x3`];
  const { cart } = await carts.mergeCarts({ fromUserId: guest, toUserId: account });
  assert.deepEqual(contentOf(cart), merged);
  assert.deepEqual(await contentNow(guest), []);
  const { cart: again } = await carts.mergeCarts({ fromUserId: guest, toUserId: account });
  assert.deepEqual(again, cart);
});

test("parallel merges of one cart add it once", async () => {
  const [guest, account] = [newId(), newId()];
  await add(guest, mug, 2);
  await add(account, mug, 1);
  await Promise.all(
    Array.from({ length: 10 }, () => carts.mergeCarts({ fromUserId: guest, toUserId: account })),
  );
  assert.deepEqual(await contentNow(account), [`${mug} x3`]);
});

test("merges crosswise do not stand still, and lose nothing", async () => {
  for (let round = 0; round < 10; round += 1) {
    const [one, other] = [newId(), newId()];
    await add(one, mug, 2);
    await add(other, mug, 3);
    await Promise.all([
      carts.mergeCarts({ fromUserId: one, toUserId: other }),
      carts.mergeCarts({ fromUserId: other, toUserId: one }),
    ]);
    assert.deepEqual([...(await contentNow(one)), ...(await contentNow(other))], [`${mug} x5`]);
  }
});

test("a merged cart has a hundred items at most: those of the account, then the oldest of the guest", async () => {
  const [guest, account] = [newId(), newId()];
  const fill = async (userId: string, count: number) => {
    const variantIds = Array.from({ length: count }, newRandomId);
    for (const variantId of variantIds)
      await addCartItem(
        ctx.db,
        userId,
        { id: newId(), productId: variantId, variantId, quantity: 1 },
        cartTimes(ctx),
      );
    return variantIds;
  };
  const own = await fill(account, 70);
  const brought = await fill(guest, 50);
  const cart = await mergeStoredCarts(ctx.db, guest, account, cartTimes(ctx));
  assert.deepEqual(
    new Set(cart?.items.map(({ variantId }) => variantId)),
    new Set([...own, ...brought.slice(0, 30)]),
  );
  assert.deepEqual((await findCart(ctx.db, guest))?.items, []);
});

test("a cart merged with itself or with nothing stays as it is", async () => {
  const account = newId();
  const { cart } = await add(account, mug, 2);
  assert.deepEqual((await carts.mergeCarts({ fromUserId: account, toUserId: account })).cart, cart);
  assert.deepEqual((await carts.mergeCarts({ fromUserId: newId(), toUserId: account })).cart, cart);
});

test("only services merge", async () => {
  const request = create(MergeCartsRequestSchema, { fromUserId: newId(), toUserId: newId() });
  for (const call of [testCall(), testCall({ userId: request.toUserId, role: "admin" })])
    await assert.rejects(mergeCarts(ctx, request, call), { reason: "SERVICE_REQUIRED" });
});
