import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { learn, noLessons, pairKey, visitItemsMax, weights, type Deed, type Visit } from "./co-occurrence.ts";

function learnAll(deeds: readonly Deed[], visit: Visit = new Map()) {
  const lessons = noLessons();
  for (const deed of deeds) learn(lessons, visit, deed);
  return lessons;
}
const did = (productId: string, weight: number): Deed => ({ session: "s", productId, weight });

test("two products of one visit are paired by their weights, and a purchase says more than a view", () => {
  const viewed = learnAll([did("a", weights.view), did("b", weights.view)]);
  assert.equal(viewed.pairs.get(pairKey("a", "b")), 1);
  const bought = learnAll([did("a", weights.purchase), did("b", weights.cart)]);
  assert.equal(bought.pairs.get(pairKey("b", "a")), 6);
  assert.deepEqual(
    [...bought.products],
    [
      ["a", 9],
      ["b", 4],
    ],
  );
});

test("repeating a deed, or doing less than before, adds nothing", () => {
  const once = [did("a", 2), did("b", 1)];
  const repeated = learnAll([...once, ...once, did("a", 1), did("b", 1), did("a", 2)]);
  assert.deepEqual(repeated, learnAll(once));
});

test("however deeds are ordered, the counts are the inner products of what was done at most", () => {
  const deed = fc.record({
    productId: fc.constantFrom("a", "b", "c", "d"),
    weight: fc.constantFrom(1, 2, 3),
  });
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 20 }), (drawn) => {
      const lessons = learnAll(drawn.map(({ productId, weight }) => did(productId, weight)));
      const most = new Map<string, number>();
      for (const { productId, weight } of drawn)
        most.set(productId, Math.max(weight, most.get(productId) ?? 0));
      for (const [one, weight] of most) {
        assert.equal(lessons.products.get(one), weight ** 2);
        for (const [other, otherWeight] of most)
          if (one < other) assert.equal(lessons.pairs.get(pairKey(one, other)), weight * otherWeight);
      }
    }),
  );
});

test("one deed costs at most thirty pairs, however long the visit", () => {
  const visit: Visit = new Map();
  learnAll(
    Array.from({ length: 500 }, (_, index) => did(`p${index}`, 1)),
    visit,
  );
  assert.equal(visit.size, visitItemsMax);
  assert.equal(learnAll([did("new", 3)], visit).pairs.size, visitItemsMax);
});
