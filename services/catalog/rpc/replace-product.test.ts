import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { money } from "#platform/kit/money.ts";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ProductWriteSchema } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { findWrongBooks, getStock } from "../testing/books-store.ts";
import { listPlainProducts } from "../product-store.ts";
import { commitReservation, releaseReservation, reserveStock } from "../stock-store.ts";
import { parseDemand } from "../stock.ts";
import { addProduct, asAdmin, asCustomer, testContext } from "../testing/catalog-context.ts";
import { deleteProduct } from "./delete-product.ts";
import { getProduct } from "./get-product.ts";
import { replaceProduct } from "./replace-product.ts";

const ctx = await testContext();

function replace(id: string, write: object = {}, more: object = {}, caller = asAdmin) {
  const product = create(ProductWriteSchema, write as MessageInitShape<typeof ProductWriteSchema>);
  return replaceProduct(
    ctx,
    { id, product, editTags: [], mergesAttributes: false, ...more } as never,
    caller,
  );
}

const twoSizes = [
  { sku: "", options: { size: "S" }, stockQuantity: 3n },
  { sku: "", options: { size: "M" }, stockQuantity: 4n },
];

function sizes(prefix: string) {
  return twoSizes.map((variant) => ({ ...variant, sku: `${prefix}-${variant.options.size}` }));
}

const found = async (id: string) => (await getProduct(ctx, { id } as never)).product;

function refusedAt(...paths: string[]) {
  return (error: unknown) => {
    assert.ok(isReason(error, "VALIDATION_FAILED"));
    assert.deepEqual(
      error.violations.map(({ path }) => path),
      paths,
    );
    return true;
  };
}

test("only admins may replace, and what is not there is PRODUCT_NOT_FOUND", async () => {
  const id = await addProduct(ctx);
  await assert.rejects(replace(id, {}, {}, asCustomer), (error) => isReason(error, "ADMIN_REQUIRED"));
  for (const key of [newId(), "no-such", "a\0b"])
    await assert.rejects(replace(key), (error) => isReason(error, "PRODUCT_NOT_FOUND"));
});

test("what is named is changed, what is cleared is emptied, and all else stays, stock too", async () => {
  const id = await addProduct(ctx, {
    code: "REPLACEME1",
    slug: "replace-me",
    description: "Long.",
    imageUrl: "/a.webp",
    categories: ["more", "most"],
    stockQuantity: 7n,
    attributes: { a: "b", deep: { c: 1, d: [1, 2] } },
    keywords: "gift present",
  });
  const before = await found(id);
  const { product } = await replace("replace-me", {
    name: "New Name",
    price: money("USD", 5n),
    stockQuantity: 99n,
  });
  const variants = before.variants?.map((variant) => ({ ...variant, price: money("USD", 5n) }));
  const { updatedAt, editTag } = product;
  assert.deepEqual(product, {
    ...before,
    name: "New Name",
    price: money("USD", 5n),
    variants,
    updatedAt,
    editTag,
  });
  assert.notEqual(editTag, before.editTag);
  const cleared = ["description", "imageUrl", "attributes", "categories", "slug"];
  const { product: emptied } = await replace(id, { category: "new place", cleared });
  assert.deepEqual(
    [emptied.description, emptied.imageUrl, emptied.attributes, emptied.categories, emptied.slug],
    ["", "", {}, ["new-place"], "new-name"],
  );
  const row = await ctx.db.row<{ keywords: string }>("select keywords from products where id = $1", [id]);
  assert.equal(row?.keywords, "gift present REPLACEME1");
  await assert.rejects(replace(id, { cleared: ["name", "variants"] }), refusedAt("name", "variants"));
});

test("attributes stand for all, or are merged into those that are there, where null takes one out", async () => {
  const id = await addProduct(ctx, {
    attributes: { colour: "red", size: { width: 1, height: 2 }, care: ["wash"] },
  });
  const merging = { mergesAttributes: true };
  const { product } = await replace(
    id,
    { attributes: { size: { height: null, depth: 3 }, care: null, new: true } },
    merging,
  );
  assert.deepEqual(product.attributes, { colour: "red", size: { width: 1, depth: 3 }, new: true });
  const { product: whole } = await replace(id, { attributes: { only: "this", gone: null } });
  assert.deepEqual(whole.attributes, { only: "this" });
});

test("the primary category moves alone; the list of all is one when it is another than before", async () => {
  const id = await addProduct(ctx, { category: "one", categories: ["two", "three"] });
  const categories = async (write: object) => (await replace(id, write)).product.categories;
  assert.deepEqual(await categories({ category: "four", categories: ["one", "two", "three"] }), [
    "four",
    "two",
    "three",
  ]);
  assert.deepEqual(await categories({ categories: ["three", "four"] }), ["four", "three"]);
  assert.deepEqual(await categories({ categories: ["five", "six"] }), ["five", "six"]);
  assert.deepEqual(await categories({ category: "five", categories: ["six"] }), ["five", "six"]);
});

test("an edit that changes nothing leaves the edit's tag and time, also with everything named that there is", async () => {
  const id = await addProduct(ctx, { variants: sizes("SAME"), attributes: { a: 1 }, imageUrl: "/b.webp" });
  const before = await found(id);
  const written = { ...before, variants: before.variants, createdAt: undefined, updatedAt: undefined };
  const { product } = await replace(id, { ...written, id: undefined, editTag: undefined });
  assert.deepEqual(product, before);
  assert.deepEqual(
    (await replace(id, { attributes: before.attributes }, { mergesAttributes: true })).product,
    before,
  );
});

test("a sale leaves the edit's tag, an edit does not, and an edit of something else is PRODUCT_CHANGED", async () => {
  const id = await addProduct(ctx, { stockQuantity: 10n });
  const { editTag = "" } = await found(id);
  await reserveStock(ctx.db, newId(), parseDemand([{ variantId: id, quantity: 5n }]), 900);
  const { product } = await replace(
    id,
    { name: "Mine", stockQuantity: 10n },
    { editTags: ["other", editTag] },
  );
  assert.equal(product.stockQuantity, 5n);
  const stale = (error: unknown) => isReason(error, "PRODUCT_CHANGED");
  await assert.rejects(replace(id, { name: "Theirs" }, { editTags: [editTag] }), stale);
  await assert.rejects(deleteProduct(ctx, { id, editTags: [editTag] } as never, asAdmin), stale);
  assert.equal((await found(id)).name, "Mine");
  await deleteProduct(ctx, { id, editTags: [product.editTag] } as never, asAdmin);
});

test("variants are known by id, else by SKU: they keep id and stock, others come and go", async () => {
  const id = await addProduct(ctx, { variants: sizes("KEEP") });
  const before = await found(id);
  const { product } = await replace(id, {
    variants: [
      { sku: "KEEP-L", options: { size: "L" }, stockQuantity: 2n },
      { id: before.variants?.[1]?.id, sku: "KEEP-MEDIUM", stockQuantity: 9n },
    ],
  });
  assert.deepEqual(
    product.variants?.map(({ sku, options, stockQuantity }) => [sku, options?.["size"], stockQuantity]),
    [
      ["KEEP-L", "L", 2n],
      ["KEEP-MEDIUM", "M", 4n],
    ],
  );
  assert.equal(product.variants?.[1]?.id, before.variants?.[1]?.id);
  assert.notEqual(product.variants?.[0]?.id, id);
  assert.equal(product.id, id);
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("SKUs and spellings of two variants are swapped by their ids", async () => {
  const id = await addProduct(ctx, { variants: sizes("SWAP") });
  const [small, medium] = (await found(id)).variants ?? [];
  const { product } = await replace(id, {
    variants: [
      { id: small?.id, sku: "SWAP-M", options: { Size: "s" } },
      { id: medium?.id, sku: "SWAP-S" },
    ],
  });
  assert.deepEqual(
    product.variants?.map(({ id: variantId, sku, options }) => [
      variantId,
      sku,
      Object.values(options ?? {}),
    ]),
    [
      [small?.id, "SWAP-M", ["s"]],
      [medium?.id, "SWAP-S", ["M"]],
    ],
  );
});

test("a retired variant is never another one: its id is refused, its SKU makes a new one, its units come back to it", async () => {
  const id = await addProduct(ctx, { variants: sizes("FIRST") });
  await reserveStock(ctx.db, "first-hold", parseDemand([{ variantId: id, quantity: 2n }]), 900);
  await commitReservation(ctx.db, "first-hold", "test");
  const onlySecond = [{ sku: "FIRST-M" }];
  const { product } = await replace(id, { variants: onlySecond });
  assert.deepEqual(
    product.variants?.map(({ sku }) => sku),
    ["FIRST-M"],
  );
  await assert.rejects(replace(id, { variants: [{ id, sku: "FIRST-S" }] }), refusedAt("variants[0].id"));
  const { product: again } = await replace(id, { variants: [...onlySecond, sizes("FIRST")[0]] });
  const returned = again.variants?.[1];
  assert.notEqual(returned?.id, id);
  await releaseReservation(ctx.db, "first-hold", { reason: "cancelled", actor: "test" });
  assert.deepEqual(await getStock(ctx.db, id), { onHand: 3n, reserved: 0n });
  assert.deepEqual(await getStock(ctx.db, returned?.id ?? ""), { onHand: 3n, reserved: 0n });
  await assert.rejects(ctx.db.run("update product_variants set deleted_at = null where id = $1", [id]));
  await assert.rejects(
    ctx.db.run("update product_variants set sku = 'x', options = '{\"a\":\"b\"}' where sku = 'FIRST-M'"),
  );
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("a variant that costs what the product costs goes with its price; one with a price of its own stays", async () => {
  const variants = [
    ...sizes("PRICE"),
    { sku: "PRICE-L", options: { size: "L" }, price: money("USD", 2500n) },
  ];
  const id = await addProduct(ctx, { variants });
  const prices = async (write: object) =>
    (await replace(id, write)).product.variants?.map(({ price }) => price?.minor);
  const read = await found(id);
  assert.deepEqual(await prices({ price: money("USD", 2000n) }), [2000n, 2000n, 2500n]);
  assert.deepEqual(
    await prices({ ...read, price: money("USD", 3000n), variants: (await found(id)).variants }),
    [3000n, 3000n, 2500n],
  );
  const [small] = (await found(id)).variants ?? [];
  assert.deepEqual(
    await prices({
      variants: [
        { id: small?.id, price: money("USD", 1n) },
        { sku: "PRICE-L", cleared: ["price"] },
      ],
    }),
    [1n, 3000n],
  );
});

test("a SKU that a variant gave up can be used by another product", async () => {
  const id = await addProduct(ctx, { variants: sizes("FREED") });
  await replace(id, { variants: sizes("FREED").slice(0, 1) });
  await addProduct(ctx, { variants: [{ sku: "FREED-M", options: {} }] });
});

test("the foreign contract shows what the first variant on sale costs, which is what it puts into carts", async () => {
  const sizes = ["S", "M"].map((size) => ({
    sku: `HIP-${size}`,
    options: { size },
    price: money("USD", size === "S" ? 500n : 5000n),
  }));
  const id = await addProduct(ctx, { code: "HIPSHIRT01", price: money("USD", 500n), variants: sizes });
  const shown = async () =>
    (await listPlainProducts(ctx.db, 1000)).find(({ code }) => code === "HIPSHIRT01")?.priceMinor;
  assert.equal(await shown(), 500n);
  await replace(id, { variants: [{ sku: "HIP-M" }] });
  assert.equal(await shown(), 5000n);
});

test("what was wrong before an edit is no fault of the edit", async () => {
  const id = await addProduct(ctx, { variants: sizes("OLD") });
  await ctx.db.run("update product_variants set options = '{}' where product_id = $1", [id]);
  await ctx.db.run("update products set slug = 'search' where id = $1", [id]);
  const { product } = await replace(id, {
    name: "Renamed",
    slug: "search",
    variants: (await found(id)).variants,
  });
  assert.equal(product.name, "Renamed");
  const more = [...(product.variants ?? []), { sku: "OLD-X" }];
  await assert.rejects(replace(id, { variants: more }), refusedAt("variants[2].options"));
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
