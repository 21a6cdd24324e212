import assert from "node:assert/strict";
import { test } from "node:test";
import type { Product } from "#gen/rest/types.ts";
import { productMeta } from "./product-meta.ts";

const mug: Product = {
  id: "0198c0de-0000-7000-8000-000000000001",
  code: "6E92ZMYYFZ",
  slug: "mug",
  name: "Mug",
  description: "",
  price: { amount: "8.99", currencyCode: "USD" },
  category: "kitchen",
  categories: ["kitchen"],
  imageUrl: "/static/img/products/mug.svg",
  stockQuantity: 1,
  attributes: {},
  variants: [],
  createdAt: "2030-01-01T00:00:00Z",
  updatedAt: "2030-01-01T00:00:00Z",
};

test("a product is written in snake_case with units and nanos, and what is empty is left out", () => {
  assert.deepEqual(productMeta(mug), {
    id: "6E92ZMYYFZ",
    name: "Mug",
    picture: "/static/img/products/mug.svg",
    price_usd: { currency_code: "USD", units: 8, nanos: 990_000_000 },
    categories: ["kitchen"],
  });
});

test("whole and small prices leave out the part that is zero", () => {
  const priced = (amount: string) =>
    productMeta({ ...mug, price: { amount, currencyCode: "USD" } })["price_usd"];
  assert.deepEqual(priced("20.00"), { currency_code: "USD", units: 20 });
  assert.deepEqual(priced("0.05"), { currency_code: "USD", nanos: 50_000_000 });
});
