import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { deleteProduct, retireVariants } from "../product-write-store.ts";
import { addProduct, testContext } from "../testing/catalog-context.ts";
import { getVariants } from "./get-variants.ts";

const ctx = await testContext();

function get(...refs: [productId: string, variantId?: string][]) {
  return getVariants(ctx, {
    refs: refs.map(([productId, variantId = ""]) => ({ productId, variantId })),
  } as never);
}

function getWithGone(...refs: [productId: string, variantId?: string][]) {
  return getVariants(ctx, {
    refs: refs.map(([productId, variantId = ""]) => ({ productId, variantId })),
    withGone: true,
  } as never);
}

async function variantIdOf(sku: string): Promise<string> {
  const row = await ctx.db.row<{ id: string }>("select id from product_variants where sku = $1", [sku]);
  assert.ok(row);
  return row.id;
}

const shirt = await addProduct(ctx, {
  name: "Tank Top",
  code: "TANKTOP001",
  slug: "tank-top",
  variants: [
    { sku: "TANK-S", options: { size: "S", colour: "sand" }, stockQuantity: 1n },
    { sku: "TANK-M", options: { size: "M", colour: "sand" }, stockQuantity: 2n },
  ],
});
const lamp = await addProduct(ctx, { name: "Lamp", stockQuantity: 7n });

test("variants come in the order asked, each with the reference it answers; unknown ones are left out", async () => {
  const { items } = await get(["tank-top"], [newId()], [lamp], ["TANKTOP001"], ["a\0b"], ["tank-top"]);
  assert.deepEqual(
    items.map(({ ref, productId }) => [ref?.productId, productId]),
    [
      ["tank-top", shirt],
      [lamp, lamp],
      ["TANKTOP001", shirt],
      ["tank-top", shirt],
    ],
  );
});

test("the name tells the options where there is a choice, and is plain where there is none", async () => {
  const { items } = await get([shirt], [lamp]);
  assert.deepEqual(
    items.map(({ name }) => name),
    ["Tank Top, S, sand", "Lamp"],
  );
});

test("without a variant id the first variant is meant, whose id is the product's where none was retired", async () => {
  const { items } = await get([shirt]);
  assert.equal(items[0]?.variant?.id, shirt);
  assert.equal(items[0]?.variant?.sku, "TANK-S");
});

test("a variant is found by its id in its own product only", async () => {
  const rows = await ctx.db.rows<{ id: string }>("select id from product_variants where sku = 'TANK-M'");
  const second = rows[0]?.id ?? "";
  const { items } = await get([shirt, second], [lamp, second]);
  assert.deepEqual(
    items.map(({ name }) => name),
    ["Tank Top, M, sand"],
  );
  assert.equal(items[0]?.variant?.stockQuantity, 2n);
});

test("a retired variant is left out, and with those that are gone it comes as it was last, never as another", async () => {
  const gloves = await addProduct(ctx, {
    name: "Gloves",
    code: "GLOVES0001",
    imageUrl: "/gloves.webp",
    variants: ["S", "M", "L"].map((size) => ({
      sku: `GLOVE-${size}`,
      options: { size },
      stockQuantity: 5n,
    })),
  });
  await ctx.db.inTransaction(async (tx) => await retireVariants(tx, [gloves]));
  assert.deepEqual((await get([gloves, gloves])).items, []);
  assert.equal((await get([gloves])).items[0]?.variant?.sku, "GLOVE-M");
  const { items } = await getWithGone(["GLOVES0001", gloves], [gloves], [newId()], [lamp, gloves], [lamp]);
  assert.deepEqual(
    items.map(({ ref, name, variant, isGone }) => [ref?.productId, name, variant?.stockQuantity, isGone]),
    [
      ["GLOVES0001", "Gloves, S", 0n, true],
      [gloves, "Gloves, M", 5n, false],
      [lamp, "Lamp", 7n, false],
    ],
  );
  assert.equal(items[0]?.variant?.id, gloves);
  assert.equal(items[0]?.imageUrl, "/gloves.webp");
  assert.equal(items[0]?.productId, gloves);
});

test("variants of a deleted product come with those that are gone, by the product's id only", async () => {
  const variants = ["S", "M", "L"].map((size) => ({ sku: `SCARF-${size}`, options: { size } }));
  const scarf = await addProduct(ctx, { name: "Scarf", code: "SCARFGONE1", variants });
  const large = await variantIdOf("SCARF-L");
  await ctx.db.inTransaction(async (tx) => await retireVariants(tx, [scarf]));
  await ctx.db.inTransaction(async (tx) => await deleteProduct(tx, scarf));
  assert.deepEqual((await get([scarf], [scarf, large])).items, []);
  const { items } = await getWithGone(
    [scarf, large],
    [scarf, scarf],
    [scarf],
    ["SCARFGONE1"],
    [scarf, "a\0b"],
  );
  assert.deepEqual(
    items.map(({ name, isGone }) => [name, isGone]),
    [
      ["Scarf, L", true],
      ["Scarf, S", true],
      ["Scarf, M", true],
    ],
  );
});

test("no references have no answers, and more than a hundred are refused", async () => {
  assert.deepEqual(await get(), { items: [] });
  const many = Array.from({ length: 101 }, (): [string] => [lamp]);
  await assert.rejects(get(...many), (error) => isReason(error, "VALIDATION_FAILED"));
  assert.equal((await get(...many.slice(1))).items.length, 100);
});
