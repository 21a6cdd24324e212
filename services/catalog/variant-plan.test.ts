import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AppError } from "#platform/kit/errors.ts";
import { planVariants, type KnownVariant, type VariantPlan } from "./variant-plan.ts";

const product = { id: "product", code: "CODE" };

test("whatever is replaced by whatever, the first variant has the product's id, SKUs keep their ids and none is lost", () => {
  const skus = fc.uniqueArray(fc.constantFrom<string[]>("A", "B", "C", "D", "E"), { minLength: 1 });
  fc.assert(
    fc.property(skus, skus, (before, after) => {
      const known: KnownVariant[] = before.map((sku, index) => ({
        sku,
        id: index === 0 ? "product" : `id-${sku}`,
      }));
      const drafts = after.map((sku) => ({ sku, options: {}, priceMinor: 1n, stock: undefined }));
      let plan: VariantPlan;
      try {
        plan = planVariants(product, known, drafts);
      } catch (error) {
        assert.ok(error instanceof AppError);
        assert.ok(!after.includes(before[0] ?? "") && after.every((sku) => before.includes(sku)));
        return;
      }
      assert.equal(plan.variants[0]?.id, "product");
      assert.deepEqual(plan.variants.map(({ sku }) => sku).toSorted(), after.toSorted());
      assert.equal(new Set(plan.variants.map(({ id }) => id)).size, after.length);
      for (const { id, sku } of known.slice(1))
        if (after.includes(sku)) assert.equal(plan.variants.find((variant) => variant.sku === sku)?.id, id);
        else assert.ok(plan.removedIds.includes(id));
      for (const { id, sku } of plan.variants)
        assert.equal(plan.stock.get(id), before.includes(sku) ? undefined : 0n);
    }),
  );
});

test("without variants the one that is there stays, and a new product's is named by its code", () => {
  const draft = { sku: undefined, options: {}, priceMinor: 1n, stock: 3n };
  assert.equal(planVariants(product, [], [draft]).variants[0]?.sku, "CODE");
  const known = [
    { id: "product", sku: "OLD" },
    { id: "other", sku: "SECOND" },
  ];
  const plan = planVariants(product, known, [draft]);
  assert.deepEqual(
    plan.variants.map(({ id, sku }) => [id, sku]),
    [["product", "OLD"]],
  );
  assert.deepEqual(plan.removedIds, ["other"]);
  assert.deepEqual([...plan.stock], [["product", 3n]]);
});
