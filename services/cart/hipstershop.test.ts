import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { CartSchema, CartService } from "#gen/hipstershop/demo_pb.js";
import { newId, randomCode } from "#platform/kit/ids.ts";
import { guestIdOfForeignUser } from "#platform/auth/guest.ts";
import { contentOf, mug, openCarts, watch } from "./testing/open-carts.ts";

const { shop, carts } = await openCarts();
const foreign = shop.as(CartService, "cart", "storefront");
const add = (userId: string, productId: string, quantity: number) =>
  foreign.addItem({ userId, item: { productId, quantity } });

test("what is added is in the cart, by code, and adds up", async () => {
  const userId = randomCode(20);
  await add(userId, mug, 1);
  await add(userId, watch, 2);
  await add(userId, mug, 3);
  const cart = await foreign.getCart({ userId });
  assert.equal(cart.userId, userId);
  assert.deepEqual(
    cart.items.map(({ productId, quantity }) => [productId, quantity]),
    [
      [mug, 4],
      [watch, 2],
    ],
  );
});

test("parallel additions lose none", async () => {
  const userId = randomCode(20);
  await Promise.all(Array.from({ length: 50 }, () => add(userId, mug, 1)));
  assert.deepEqual(
    (await foreign.getCart({ userId })).items.map(({ quantity }) => quantity),
    [50],
  );
});

test("the cart of an unknown user and an emptied cart equal an empty message", async () => {
  const userId = randomCode(20);
  assert.deepEqual(await foreign.getCart({ userId }), create(CartSchema));
  await add(userId, mug, 1);
  await foreign.emptyCart({ userId });
  assert.deepEqual(await foreign.getCart({ userId }), create(CartSchema));
});

test("any text of up to 128 bytes names a user, and never one of our actors", async () => {
  const accountId = newId();
  await carts.addItem({ userId: accountId, productId: watch, quantity: 1 });
  for (const userId of [
    accountId,
    guestIdOfForeignUser("x"),
    "",
    "' or 1=1 --",
    "ü".repeat(64),
    "\u{1F98A}",
  ]) {
    await add(userId, mug, 1);
    assert.deepEqual(
      (await foreign.getCart({ userId })).items.map(({ productId }) => productId),
      [mug],
    );
    await foreign.emptyCart({ userId });
  }
  assert.deepEqual(contentOf((await carts.getCart({ userId: accountId })).cart), [`${watch} x1`]);
});

test("a longer user id, a missing item and a quantity below one are invalid arguments", async () => {
  const invalid = { kind: "invalid", reason: "VALIDATION_FAILED" };
  const long = "ü".repeat(65);
  await assert.rejects(add(long, mug, 1), invalid);
  await assert.rejects(foreign.getCart({ userId: long }), invalid);
  await assert.rejects(foreign.emptyCart({ userId: long }), invalid);
  await assert.rejects(foreign.addItem({ userId: "x" }), invalid);
  for (const quantity of [0, -1, -(2 ** 31)]) await assert.rejects(add("x", mug, quantity), invalid);
});

test("an unknown product is not found", async () => {
  await assert.rejects(add("x", "NOSUCHCODE", 1), { kind: "not_found" });
});
