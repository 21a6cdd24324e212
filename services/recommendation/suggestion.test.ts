import assert from "node:assert/strict";
import { test } from "node:test";
import { Affinity } from "./affinity.ts";
import { learn, noLessons, type Deed, type Visit } from "./co-occurrence.ts";
import { Shelf, type ShelfProduct } from "./shelf.ts";
import { mostPopular, suggest } from "./suggestion.ts";
import { syntheticShelf, syntheticVisits } from "./testing/synthetic-visits.ts";

const shelf = syntheticShelf();

function learned(visits: readonly (readonly Deed[])[]): Affinity {
  const lessons = noLessons();
  for (const deeds of visits) {
    const visit: Visit = new Map();
    for (const deed of deeds) learn(lessons, visit, deed);
  }
  const pairs = [...lessons.pairs].map(([key, strength]) => {
    const [one = "", other = ""] = key.split(" ");
    return { one, other, strength };
  });
  return new Affinity(pairs, lessons.products);
}

type Guess = (given: readonly ShelfProduct[]) => readonly ShelfProduct[];

/** How often the last product of a visit is among the five guessed from the ones before it. */
function hitRate(visits: readonly (readonly Deed[])[], guess: Guess): number {
  const hits = visits.filter((deeds) => {
    const seen = [...new Set(deeds.map(({ productId }) => productId))].flatMap((id) => shelf.find(id) ?? []);
    return guess(seen.slice(0, -1)).includes(seen.at(-1) as ShelfProduct);
  });
  return hits.length / visits.length;
}

test("on visits it never saw, five suggestions hold the next product half again as often as the five most popular", (t) => {
  const heldOut = syntheticVisits(1_000, 2);
  for (const count of [300, 3_000]) {
    const affinity = learned(syntheticVisits(count, 1));
    const rates = {
      ours: hitRate(heldOut, (given) => suggest(shelf, affinity, given, 5)),
      popular: hitRate(heldOut, (given) => {
        return mostPopular(shelf, affinity, new Set(given.map(({ id }) => id))).slice(0, 5);
      }),
      likenessOnly: hitRate(heldOut, (given) => suggest(shelf, new Affinity([], new Map()), given, 5)),
    };
    t.diagnostic(`${count} visits learned: ${JSON.stringify(rates)}`);
    assert.ok(rates.ours > 1.5 * rates.popular, JSON.stringify(rates));
    assert.ok(rates.ours > 1.5 * rates.likenessOnly, JSON.stringify(rates));
  }
});

const product = (id: string, change: Partial<ShelfProduct> = {}): ShelfProduct => {
  const none = new Set<string>();
  return {
    id,
    code: id,
    slug: id,
    price: 1_000,
    categories: none,
    attributes: none,
    isInStock: true,
    ...change,
  };
};
const idsOf = (products: readonly ShelfProduct[]) => products.map(({ id }) => id);
const noHistory = new Affinity([], new Map());

test("what visitors chose together comes before what is merely alike", () => {
  const [mug, teapot, jar] = [
    product("mug", { categories: new Set(["kitchen"]) }),
    product("teapot"),
    product("jar", { categories: new Set(["kitchen"]) }),
  ];
  const pairs = [{ one: "mug", other: "teapot", strength: 50 }];
  const affinity = new Affinity(pairs, new Map(["mug", "teapot", "jar"].map((id) => [id, 100])));
  assert.deepEqual(idsOf(suggest(new Shelf([mug, jar, teapot]), affinity, [mug], 5)), ["teapot", "jar"]);
});

test("without history likeness decides: category first, then attributes and price", () => {
  const mug = product("mug", { categories: new Set(["kitchen"]), attributes: new Set(["colour=blue"]) });
  const others = [
    product("chess", { price: 1_000 }),
    product("knife", { categories: new Set(["kitchen"]), price: 90_000 }),
    product("jar", { categories: new Set(["kitchen"]), price: 1_100 }),
    product("bowl", { categories: new Set(["kitchen"]), price: 1_100, attributes: new Set(["colour=blue"]) }),
  ];
  const shelf = new Shelf([mug, ...others]);
  assert.deepEqual(idsOf(suggest(shelf, noHistory, [mug], 4)), ["bowl", "jar", "knife", "chess"]);
});

test("what is missing is filled up with what is popular", () => {
  const shelf = new Shelf([product("a"), product("b"), product("c")]);
  const popularity = new Map([
    ["b", 3],
    ["c", 9],
  ]);
  assert.deepEqual(idsOf(suggest(shelf, new Affinity([], popularity), [], 5)), ["c", "b", "a"]);
});

test("a given product, one out of stock and one that left the shelf are never suggested", () => {
  const kitchen = { categories: new Set(["kitchen"]) };
  const [mug, jar] = [product("mug", kitchen), product("jar", kitchen)];
  const shelf = new Shelf([mug, jar, product("sold-out", { ...kitchen, isInStock: false })]);
  const all = ["mug", "jar", "sold-out", "gone"];
  const pairs = all.slice(1).map((other) => ({ one: "mug", other, strength: 50 }));
  const affinity = new Affinity(pairs, new Map(all.map((id) => [id, 60])));
  assert.deepEqual(idsOf(suggest(shelf, affinity, [mug], 5)), ["jar"]);
  assert.deepEqual(idsOf(suggest(shelf, affinity, [mug, jar], 5)), []);
});

test("a few visits prove less than many that say the same", () => {
  const popularity = (count: number) =>
    new Map([
      ["a", count],
      ["b", count],
    ]);
  const pair = (strength: number) => [{ one: "a", other: "b", strength }];
  const [few, many] = [new Affinity(pair(2), popularity(2)), new Affinity(pair(200), popularity(200))];
  assert.ok(few.between("a", "b") < many.between("a", "b") / 2);
  assert.ok(many.between("b", "a") <= 1);
});
