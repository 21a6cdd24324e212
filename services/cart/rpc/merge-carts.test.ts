import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MergeCartsRequestSchema } from "#gen/stoa/cart/v1/cart_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { contentOf, mug, openCarts, sunglasses, watch } from "../testing/open-carts.ts";
import { mergeCarts } from "./merge-carts.ts";

const { carts, catalogue, ctx } = await openCarts();
const add = (userId: string, productId: string, quantity: number) =>
  carts.addItem({ userId, productId, quantity });
const contentNow = async (userId: string) => contentOf((await carts.getCart({ userId })).cart);

test("a guest's cart is added to the account's as far as it fits; the rest stays with the guest and is told; again changes nothing", async () => {
  const [guest, account] = [newId(), newId()];
  await add(account, mug, 90);
  await add(account, watch, 1);
  await add(guest, mug, 20);
  await add(guest, watch, 2);
  await add(guest, sunglasses, 3);
  const merged = [`${mug} x99`, `${watch} x3`, `${sunglasses} x3`];
  const { cart, left } = await carts.mergeCarts({ fromUserId: guest, toUserId: account });
  assert.deepEqual(contentOf(cart), merged);
  assert.deepEqual(await contentNow(guest), [`${mug} x11`]);
  assert.deepEqual(
    left.map(({ name, quantity, limit }) => [name, quantity, limit]),
    [["Mug", 11, "quantity"]],
  );
  const { version } = (await carts.getCart({ userId: guest })).cart ?? {};
  const again = await carts.mergeCarts({ fromUserId: guest, toUserId: account });
  assert.deepEqual(again, { ...again, cart, left });
  assert.equal((await carts.getCart({ userId: guest })).cart?.version, version);
  await carts.setItem({ userId: account, productId: catalogue.get(mug).id, quantity: 1 });
  const { left: none } = await carts.mergeCarts({ fromUserId: guest, toUserId: account });
  assert.deepEqual(none, []);
  assert.deepEqual(await contentNow(guest), []);
});

test("what is gone comes along like everything else, and is told by its last name where it does not fit", async () => {
  const [guest, account] = [newId(), newId()];
  const lamp = catalogue.add("LAMP000002", "Old Lamp", 1000n);
  await add(guest, lamp.id, 60);
  await add(account, lamp.id, 60);
  lamp.isGone = true;
  const { cart, left } = await carts.mergeCarts({ fromUserId: guest, toUserId: account });
  assert.deepEqual(contentOf(cart), [`${lamp.code} x99`]);
  assert.deepEqual(
    left.map(({ name, quantity }) => [name, quantity]),
    [["Old Lamp", 21]],
  );
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
