import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { money } from "#platform/kit/money.ts";
import { addProduct, testContext } from "../testing/catalog-context.ts";
import { getProduct } from "./get-product.ts";

const ctx = await testContext();

function get(id: string) {
  return getProduct(ctx, { id } as never);
}

test("a product is found by id, code and slug, and is the same each time", async () => {
  const id = await addProduct(ctx, { code: "GETPRODUCT", slug: "a-lamp", name: "A Lamp", stockQuantity: 3n });
  const { product } = await get(id);
  assert.equal(product.name, "A Lamp");
  assert.equal(product.stockQuantity, 3n);
  assert.deepEqual(product.price, money("USD", 1999n));
  assert.equal(product.variants?.[0]?.id, id);
  for (const key of ["GETPRODUCT", "a-lamp"]) assert.deepEqual((await get(key)).product, product);
});

test("what names no product is PRODUCT_NOT_FOUND, however odd", async () => {
  for (const key of [
    newId(),
    "NOSUCHCODE",
    "no-such-slug",
    "",
    "a\0b",
    "\ud800",
    "x".repeat(10_000),
    "'; --",
    "../..",
    "%",
  ])
    await assert.rejects(get(key), (error) => isReason(error, "PRODUCT_NOT_FOUND"), key);
});

test("a text that is the code of one product and looks like no other's slug means the code", async () => {
  const id = await addProduct(ctx, { code: "1234567890" });
  assert.equal((await get("1234567890")).product.id, id);
});
