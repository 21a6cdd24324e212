import assert from "node:assert/strict";
import { test } from "node:test";
import { money } from "#platform/kit/money.ts";
import { cartAt, parseQuantity, pricedItems, type KnownVariant, type StoredCart } from "./cart.ts";

const onSale = (
  variantId: string,
  minor: bigint,
  changes: Partial<KnownVariant> = {},
): [string, KnownVariant] => [
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
    stockQuantity: 200n,
    isGone: false,
    ...changes,
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

test("what is gone stays in the cart under its last name and costs nothing, also what nobody remembers", () => {
  const { items, subtotal } = pricedItems(
    [line("mug", 1), line("lamp", 5), line("forgotten", 2)],
    new Map([onSale("mug", 899n), onSale("lamp", 100n, { isGone: true, stockQuantity: 7n })]),
    "USD",
  );
  assert.deepEqual(
    items.map(({ name, subtotal, availability, availableQuantity }) => {
      return [name, subtotal.minor, availability, availableQuantity];
    }),
    [
      ["mug", 899n, "available", 200n],
      ["lamp", 0n, "gone", 0n],
      ["", 0n, "gone", 0n],
    ],
  );
  assert.deepEqual(subtotal, money("USD", 899n));
});

test("a line is short as soon as less is there than it holds", () => {
  const variants = new Map([onSale("mug", 899n, { stockQuantity: 2n })]);
  for (const [quantity, availability] of [
    [2, "available"],
    [3, "short"],
  ] as const)
    assert.equal(pricedItems([line("mug", quantity)], variants, "USD").items[0]?.availability, availability);
  const soldOut = new Map([onSale("mug", 899n, { stockQuantity: 0n })]);
  assert.equal(pricedItems([line("mug", 1)], soldOut, "USD").items[0]?.availability, "short");
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
