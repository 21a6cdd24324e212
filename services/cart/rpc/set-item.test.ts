import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { SetItemRequestSchema } from "#gen/stoa/cart/v1/cart_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { contentOf, mug, openCarts, watch } from "../testing/open-carts.ts";
import { setItem } from "./set-item.ts";

const { carts, catalogue, ctx } = await openCarts();
const absent = { kind: "not_found", reason: "CART_ITEM_NOT_FOUND" };

test("a line gets the quantity, and 0 takes it out", async () => {
  const userId = newId();
  await carts.addItem({ userId, productId: mug, quantity: 5 });
  await carts.addItem({ userId, productId: watch, quantity: 1 });
  assert.deepEqual(contentOf((await carts.setItem({ userId, productId: mug, quantity: 99 })).cart), [
    `${mug} x99`,
    `${watch} x1`,
  ]);
  assert.deepEqual(contentOf((await carts.setItem({ userId, productId: mug, quantity: 0 })).cart), [
    `${watch} x1`,
  ]);
  await assert.rejects(carts.setItem({ userId, productId: mug, quantity: 0 }), absent);
});

test("the quantity that is there already is no change", async () => {
  const userId = newId();
  const { cart } = await carts.addItem({ userId, productId: mug, quantity: 5 });
  assert.equal((await carts.setItem({ userId, productId: mug, quantity: 5 })).cart?.version, cart?.version);
});

test("what is not in the cart cannot be set", async () => {
  const userId = newId();
  await carts.addItem({ userId, productId: mug, quantity: 1 });
  for (const [productId, variantId] of [
    [watch, ""],
    ["NOSUCHCODE", ""],
    ["", ""],
    [newId(), ""],
    [mug, newId()],
    [mug, "red"],
  ] as const)
    await assert.rejects(carts.setItem({ userId, productId, variantId, quantity: 1 }), absent);
});

test("without a variant the only line of the product is meant, else that of its first variant on sale", async () => {
  const userId = newId();
  const { code, id: first, variantIds } = catalogue.add("SHIRT00001", "Shirt", 1500n, 2);
  const second = variantIds[1] ?? "";
  const set = (variantId: string, quantity: number) =>
    carts.setItem({ userId, productId: code, variantId, quantity });
  const quantities = async () => {
    const { cart } = await carts.getCart({ userId });
    return Object.fromEntries(cart?.items.map(({ variantId, quantity }) => [variantId, quantity]) ?? []);
  };
  await carts.addItem({ userId, productId: code, variantId: second, quantity: 1 });
  await set("", 7);
  assert.deepEqual(await quantities(), { [second]: 7 });
  await carts.addItem({ userId, productId: code, quantity: 1 });
  await set("", 4);
  await set(second, 3);
  assert.deepEqual(await quantities(), { [first]: 4, [second]: 3 });
  await set("", 0);
  assert.deepEqual(await quantities(), { [second]: 3 });
});

test("where the variant that was born with the product is retired, the product's id alone means the next one", async () => {
  const userId = newId();
  const product = catalogue.add("SHIRT00002", "Other Shirt", 1500n, 3);
  const [first = "", second = "", third = ""] = product.variantIds;
  for (const variantId of [first, second, third])
    await carts.addItem({ userId, productId: product.id, variantId, quantity: 1 });
  catalogue.products.set(product.code, { ...product, variantIds: [second, third] });
  await carts.setItem({ userId, productId: product.id, quantity: 5 });
  const { items } = await carts.getItems({ userId });
  assert.deepEqual(
    items.map(({ variantId, quantity }) => [variantId, quantity]),
    [
      [first, 1],
      [second, 5],
      [third, 1],
    ],
  );
  await carts.setItem({ userId, productId: product.id, variantId: first, quantity: 0 });
});

test("a quantity that is none is refused", async () => {
  for (const quantity of [-1, 100, 2 ** 31 - 1])
    await assert.rejects(carts.setItem({ userId: newId(), productId: mug, quantity }), {
      reason: "VALIDATION_FAILED",
    });
});

test("only the owner, an admin or a service sets a line", async () => {
  const userId = newId();
  await carts.addItem({ userId, productId: mug, quantity: 1 });
  const change: MessageInitShape<typeof SetItemRequestSchema> = { userId, productId: mug, quantity: 2 };
  const set = (call: ReturnType<typeof testCall>) => setItem(ctx, create(SetItemRequestSchema, change), call);
  await assert.rejects(set(testCall()), { reason: "TOKEN_REQUIRED" });
  await assert.rejects(set(testCall({ userId: newId(), service: "gateway" })), { reason: "CART_NOT_FOUND" });
  await set(testCall({ userId }));
});
