import assert from "node:assert/strict";
import { test } from "node:test";
import { money } from "#platform/kit/money.ts";
import { cartAt, parseQuantity, pricedItems, type OnSale, type StoredCart } from "./cart.ts";

const onSale = (variantId: string, minor: bigint): [string, OnSale] => [
  variantId,
  {
    productId: `product of ${variantId}`,
    productCode: variantId.toUpperCase(),
    productSlug: variantId,
    name: variantId,
    imageUrl: "",
    categories: [],
    variantId,
    price: money("USD", minor),
  },
];
const line = (variantId: string, quantity: number) => ({
  productId: `product of ${variantId}`,
  variantId,
  quantity,
});

test("a cart costs the sum of its items at the prices of today", () => {
  const variants = new Map([onSale("mug", 899n), onSale("watch", 10_999n)]);
  const { items, subtotal } = pricedItems([line("mug", 99), line("watch", 2)], variants, "EUR");
  assert.deepEqual(
    items.map((item) => item.subtotal),
    [money("USD", 89_001n), money("USD", 21_998n)],
  );
  assert.deepEqual(subtotal, money("USD", 110_999n));
});

test("what is no longer on sale is neither shown nor counted", () => {
  const { items, subtotal } = pricedItems(
    [line("mug", 1), line("gone", 5)],
    new Map([onSale("mug", 899n)]),
    "USD",
  );
  assert.equal(items.length, 1);
  assert.deepEqual(subtotal, money("USD", 899n));
});

test("an empty cart costs nothing in the shop's currency", () => {
  assert.deepEqual(pricedItems([], new Map(), "JPY"), { items: [], subtotal: money("JPY", 0n) });
});

test("a cart is empty from the moment at which it expires, and that is a change", () => {
  const expiresAt = new Date("2030-01-08T00:00:00Z");
  const full: StoredCart = { version: 7n, expiresAt, items: [line("mug", 1)] };
  assert.equal(cartAt(full, new Date(expiresAt.getTime() - 1)), full);
  assert.deepEqual(cartAt(full, expiresAt), { version: 8n, expiresAt: null, items: [] });
  assert.equal(cartAt({ ...full, items: [] }, expiresAt).version, 7n);
});

test("a quantity is a whole number from 1 to 99, or 0 where that means to remove", () => {
  for (const quantity of [1, 2, 99]) assert.equal(parseQuantity(quantity, 1), quantity);
  assert.equal(parseQuantity(0, 0), 0);
  for (const quantity of [0, -0, -1, 100, 1.5, 2 ** 31 - 1, -(2 ** 31), Number.NaN, Infinity])
    assert.throws(() => parseQuantity(quantity, 1), { reason: "VALIDATION_FAILED" }, String(quantity));
  for (const quantity of [-1, 100, 0.5])
    assert.throws(() => parseQuantity(quantity, 0), { reason: "VALIDATION_FAILED" });
});
