import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { contentOf, mug, openCarts, sunglasses, watch } from "../testing/open-carts.ts";
import { addItem } from "./add-item.ts";

const { carts, catalogue, ctx } = await openCarts();
const add = (userId: string, productId: string, quantity: number, variantId = "") =>
  carts.addItem({ userId, productId, variantId, quantity });

test("the same product adds up, whether it is named by id, code or slug", async () => {
  const userId = newId();
  const product = catalogue.get(mug);
  await add(userId, mug, 1);
  await add(userId, product.id, 2);
  await add(userId, product.slug, 3);
  const { cart } = await add(userId, product.id, 4, product.id);
  assert.deepEqual(contentOf(cart), [`${mug} x10`]);
  const [item] = cart?.items ?? [];
  assert.deepEqual([item?.productId, item?.variantId, item?.name], [product.id, product.id, product.name]);
  assert.equal(item?.unitPrice?.minor, product.price.minor);
  assert.equal(item?.subtotal?.minor, 10n * product.price.minor);
  assert.deepEqual(cart?.subtotal, item?.subtotal);
});

test("two hundred parallel additions of one lose none: 99 are in the cart and the others are refused", async () => {
  const userId = newId();
  const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => add(userId, mug, 1)));
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 99);
  for (const outcome of outcomes)
    assert.ok(outcome.status === "fulfilled" || isReason(outcome.reason, "CART_QUANTITY_LIMIT"));
  assert.deepEqual(contentOf((await carts.getCart({ userId })).cart), [`${mug} x99`]);
});

test("parallel additions of several products to a new cart lose none, and each has a version of its own", async () => {
  const userId = newId();
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => add(userId, [mug, watch, sunglasses][index % 3] ?? mug, 2)),
  );
  const { cart } = await carts.getCart({ userId });
  assert.deepEqual(contentOf(cart).sort(), [`${mug} x40`, `${sunglasses} x40`, `${watch} x40`].sort());
  assert.equal(new Set(answers.map((answer) => answer.cart?.version)).size, 60);
});

test("a refused addition changes nothing, not even the version", async () => {
  const userId = newId();
  const { cart: before } = await add(userId, mug, 90);
  await assert.rejects(add(userId, mug, 10), { kind: "precondition", reason: "CART_QUANTITY_LIMIT" });
  assert.deepEqual((await carts.getCart({ userId })).cart, before);
});

test("a quantity that is none is refused", async () => {
  for (const quantity of [0, -1, 100, 2 ** 31 - 1, -(2 ** 31)])
    await assert.rejects(add(newId(), mug, quantity), { reason: "VALIDATION_FAILED" }, String(quantity));
});

test("a product or variant that is not on sale is refused", async () => {
  for (const [productId, variantId] of [
    ["NOSUCHCODE", ""],
    ["", ""],
    [newId(), ""],
    [mug, newId()],
    [mug, "red"],
  ] as const)
    await assert.rejects(add(newId(), productId, 1, variantId), {
      kind: "not_found",
      reason: "PRODUCT_NOT_FOUND",
    });
});

test("only the owner, an admin or a service puts something into a cart", async () => {
  const userId = newId();
  const request = { userId, productId: mug, variantId: "", quantity: 1 };
  const refused = { kind: "not_found", reason: "CART_NOT_FOUND" };
  await assert.rejects(addItem(ctx, request, testCall()), { reason: "TOKEN_REQUIRED" });
  await assert.rejects(addItem(ctx, request, testCall({ userId: newId() })), refused);
  await assert.rejects(addItem(ctx, request, testCall({ userId: newId(), service: "gateway" })), refused);
  await assert.rejects(add("not an id", mug, 1), refused);
  for (const call of [
    testCall({ userId }),
    testCall({ userId: newId(), role: "admin" }),
    testCall({ service: "checkout" }),
  ])
    await addItem(ctx, request, call);
  assert.deepEqual(contentOf((await carts.getCart({ userId })).cart), [`${mug} x3`]);
});

test("the catalogue is asked once for a new product and twice for a cart with others, however many", async () => {
  const userId = newId();
  const callsOf = async (work: () => Promise<unknown>) => {
    const before = catalogue.calls;
    await work();
    return catalogue.calls - before;
  };
  assert.equal(await callsOf(() => add(userId, mug, 1)), 1);
  assert.equal(await callsOf(() => add(userId, watch, 1)), 2);
  assert.equal(await callsOf(() => add(userId, sunglasses, 1)), 2);
  assert.equal(await callsOf(() => carts.getCart({ userId })), 1);
});
