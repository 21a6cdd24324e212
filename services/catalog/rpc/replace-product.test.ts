import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { money } from "#platform/kit/money.ts";
import { findWrongBooks, getStock } from "../testing/books-store.ts";
import type { ProductInput } from "../product-draft.ts";
import { reserveStock } from "../stock-store.ts";
import { parseDemand } from "../stock.ts";
import { addProduct, asAdmin, asCustomer, productWrite, testContext } from "../testing/catalog-context.ts";
import { replaceProduct } from "./replace-product.ts";

const ctx = await testContext();

function replace(id: string, changes: Partial<ProductInput> = {}, caller = asAdmin) {
  return replaceProduct(ctx, { id, product: productWrite(changes) } as never, caller);
}

const twoSizes = [
  { sku: "", options: { size: "S" }, stockQuantity: 3n },
  { sku: "", options: { size: "M" }, stockQuantity: 4n },
];

function sizes(prefix: string) {
  return twoSizes.map((variant) => ({ ...variant, sku: `${prefix}-${variant.options.size}` }));
}

test("only admins may replace, and what is not there is PRODUCT_NOT_FOUND", async () => {
  const id = await addProduct(ctx);
  await assert.rejects(replace(id, {}, asCustomer), (error) => isReason(error, "ADMIN_REQUIRED"));
  for (const key of [newId(), "no-such", "a\0b"])
    await assert.rejects(replace(key), (error) => isReason(error, "PRODUCT_NOT_FOUND"));
});

test("everything named is replaced; id, code, slug and stock that are not named stay", async () => {
  const id = await addProduct(ctx, {
    code: "REPLACEME1",
    slug: "replace-me",
    stockQuantity: 7n,
    attributes: { a: "b" },
  });
  const { product } = await replace("replace-me", {
    name: "New Name",
    price: money("USD", 5n),
    category: "new place",
  });
  assert.equal(product.id, id);
  assert.equal(product.code, "REPLACEME1");
  assert.equal(product.slug, "replace-me");
  assert.equal(product.name, "New Name");
  assert.equal(product.stockQuantity, 7n);
  assert.deepEqual(product.attributes, {});
  assert.deepEqual(product.categories, ["new-place"]);
  assert.equal(product.variants?.[0]?.price?.minor, 5n);
});

test("variants are the same when their SKU is: they keep id and stock, others come and go", async () => {
  const id = await addProduct(ctx, { variants: sizes("KEEP") });
  const before = (
    await replace(id, { variants: sizes("KEEP").map(({ sku, options }) => ({ sku, options })) })
  ).product;
  assert.deepEqual(
    before.variants?.map(({ stockQuantity }) => stockQuantity),
    [3n, 4n],
  );
  const { product } = await replace(id, {
    variants: [
      { sku: "KEEP-L", options: { size: "L" } },
      { sku: "KEEP-S", options: { size: "S" }, stockQuantity: 9n },
    ],
  });
  assert.deepEqual(
    product.variants?.map(({ sku, stockQuantity }) => [sku, stockQuantity]),
    [
      ["KEEP-S", 9n],
      ["KEEP-L", 0n],
    ],
  );
  assert.equal(product.variants?.[0]?.id, id);
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("when the first variant goes, a new one takes its place and id; with none new that is refused", async () => {
  const id = await addProduct(ctx, { variants: sizes("FIRST") });
  const onlySecond = [{ sku: "FIRST-M", options: { size: "M" } }];
  await assert.rejects(replace(id, { variants: onlySecond }), (error) =>
    isReason(error, "VALIDATION_FAILED"),
  );
  const { product } = await replace(id, {
    variants: [...onlySecond, { sku: "FIRST-XL", options: { size: "XL" }, stockQuantity: 1n }],
  });
  assert.equal(product.variants?.[0]?.id, id);
  assert.deepEqual(
    product.variants?.map(({ sku, stockQuantity }) => [sku, stockQuantity]),
    [
      ["FIRST-XL", 1n],
      ["FIRST-M", 4n],
    ],
  );
});

test("a SKU that a variant gave up can be used by another product", async () => {
  const id = await addProduct(ctx, { variants: sizes("FREED") });
  await replace(id, { variants: sizes("FREED").slice(0, 1) });
  await addProduct(ctx, { variants: [{ sku: "FREED-M", options: {} }] });
});

test("stock that checkouts have reserved is not taken away, and then nothing of the write is kept", async () => {
  const id = await addProduct(ctx, { name: "Wanted", stockQuantity: 5n });
  await reserveStock(ctx.db, newId(), parseDemand([{ variantId: id, quantity: 3n }]), 900);
  await assert.rejects(replace(id, { name: "Changed", stockQuantity: 2n }), (error) =>
    isReason(error, "STOCK_RESERVED"),
  );
  const { product } = await replace(id, { name: "Wanted", stockQuantity: 3n });
  assert.equal(product.stockQuantity, 0n);
  assert.deepEqual(await getStock(ctx.db, id), { onHand: 3n, reserved: 3n });
});

test("ten replacements at once of one product leave one of them whole", async () => {
  const id = await addProduct(ctx, { variants: sizes("RACE") });
  await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      replace(id, { name: `Version ${index}`, description: `Version ${index}`, variants: sizes("RACE") }),
    ),
  );
  const { product } = await replace(id, { name: "Last", variants: sizes("RACE") });
  assert.equal(product.variants?.length, 2);
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});
