import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isReason } from "#platform/kit/errors.ts";
import { DraftFaults } from "./draft-faults.ts";
import { firstVariants, planVariants, type KnownVariant, type VariantWish } from "./variant-plan.ts";

const product = { id: "product", code: "CODE", priceMinor: 1n };

const knownOf = (skus: readonly string[]): KnownVariant[] =>
  skus.map((sku, index) => ({
    sku,
    id: index === 0 ? "product" : `id-${sku}`,
    options: { size: sku },
    priceMinor: 1n,
  }));

function wishOf(wish: Partial<VariantWish>): VariantWish {
  return {
    id: undefined,
    sku: undefined,
    options: undefined,
    priceMinor: undefined,
    stock: undefined,
    ...wish,
  };
}

function plan(known: readonly KnownVariant[], wishes: readonly Partial<VariantWish>[]) {
  const faults = new DraftFaults();
  const planned = planVariants(known, wishes.map(wishOf), product, faults);
  faults.throwIfAny();
  return planned;
}

function faultsOf(known: readonly KnownVariant[], ...wishes: readonly Partial<VariantWish>[]): string[] {
  try {
    plan(known, wishes);
    return [];
  } catch (error) {
    assert.ok(isReason(error, "VALIDATION_FAILED"));
    return error.violations.map(({ path }) => path);
  }
}

test("whatever is replaced by whatever, a variant keeps its id, no id is given to another, and what is not wished for is retired", () => {
  const skus = fc.uniqueArray(fc.constantFrom<string[]>("A", "B", "C", "D", "E"), { minLength: 1 });
  fc.assert(
    fc.property(skus, skus, fc.infiniteStream(fc.boolean()), (before, after, byId) => {
      const known = knownOf(before);
      const wishes = after.map((sku) => {
        const id = known.find((variant) => variant.sku === sku)?.id;
        return id !== undefined && byId.next().value ? { id } : { sku, options: { size: sku } };
      });
      const planned = plan(known, wishes);
      assert.deepEqual(
        planned.variants.map(({ sku }) => sku),
        after,
      );
      for (const { id, sku } of planned.variants) {
        const same = known.find((variant) => variant.sku === sku);
        assert.equal(known.find((variant) => variant.id === id)?.sku, same?.sku);
        assert.equal(planned.newIds.includes(id), !same);
      }
      for (const { id, sku } of known) assert.equal(planned.retiredIds.includes(id), !after.includes(sku));
    }),
  );
});

test("the first variant goes like any other, and what comes in its place has an id that none ever had", () => {
  const planned = plan(knownOf(["S", "M"]), [
    { sku: "XXL", options: { size: "XXL" }, stock: 3n },
    { sku: "M" },
  ]);
  assert.deepEqual(planned.retiredIds, ["product"]);
  assert.deepEqual(planned.renamedIds, []);
  assert.equal(planned.variants[1]?.id, "id-M");
  assert.notEqual(planned.variants[0]?.id, "product");
  assert.deepEqual(
    planned.variants.map(({ stock }) => stock),
    [3n, undefined],
  );
});

test("by its id a variant gets another SKU or other options, also the SKU of another that is renamed", () => {
  const planned = plan(knownOf(["S", "M"]), [
    { id: "product", sku: "M" },
    { id: "id-M", sku: "S" },
  ]);
  assert.deepEqual(
    planned.variants.map(({ id, sku, options }) => [id, sku, options["size"]]),
    [
      ["product", "M", "S"],
      ["id-M", "S", "M"],
    ],
  );
  assert.deepEqual(planned.renamedIds, ["product", "id-M"]);
  assert.deepEqual(faultsOf(knownOf(["S"]), { id: "product", options: { size: "small" } }), []);
});

test("an id that is none of the product's, or stands for something else altogether, is refused", () => {
  const known = knownOf(["S", "M"]);
  assert.deepEqual(faultsOf(known, { id: "id-L", sku: "L", options: { size: "L" } }), ["variants[0].id"]);
  assert.deepEqual(faultsOf(known, { id: "id-M" }, { id: "id-M" }), ["variants[1].id", "variants[1].sku"]);
  assert.deepEqual(faultsOf(known, { id: "product", sku: "XXL", options: { size: "XXL" } }), [
    "variants[0].id",
  ]);
  assert.deepEqual(faultsOf(known, { id: "product" }, { options: { size: "L" } }), ["variants[1].sku"]);
});

test("two with one SKU or with the same options are refused, unless they were alike before", () => {
  const known = knownOf(["S", "M"]);
  assert.deepEqual(faultsOf(known, { sku: "S" }, { sku: "S" }), ["variants[1].sku"]);
  assert.deepEqual(faultsOf(known, { sku: "S" }, { sku: "L", options: { Size: " s" } }), [
    "variants[1].options",
  ]);
  assert.deepEqual(faultsOf(known, { sku: "S", options: {} }, { sku: "M", options: {} }), [
    "variants[1].options",
  ]);
  const twins = known.map((variant) => ({ ...variant, options: {} }));
  assert.deepEqual(faultsOf(twins, { sku: "M", priceMinor: 5n }, { sku: "S" }), []);
  assert.deepEqual(faultsOf(twins, { sku: "M" }, { sku: "S" }, { sku: "L" }), ["variants[2].options"]);
});

test("a new product's first variant has the product's id, and is named by its code where it has no SKU", () => {
  const draft = { sku: undefined, options: {}, priceMinor: 1n, stock: 3n };
  assert.deepEqual(firstVariants(product, [draft]), [{ ...draft, id: "product", sku: "CODE" }]);
  const two = firstVariants(product, [
    { ...draft, sku: "A" },
    { ...draft, sku: "B" },
  ]);
  assert.equal(two[0]?.id, "product");
  assert.notEqual(two[1]?.id, "product");
});
