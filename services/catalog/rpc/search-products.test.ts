import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListProductsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { seedDemo } from "../demo-seed.ts";
import { addProduct, testContext } from "../testing/catalog-context.ts";
import { listProducts } from "./list-products.ts";

const ctx = { ...(await testContext()), isDemo: true };
await seedDemo(ctx);

async function search(query: string): Promise<string[]> {
  const request = {
    category: "",
    query,
    attributes: {},
    sort: "",
    limit: 100,
    cursor: "",
    withFacets: false,
  };
  const { products, total } = await listProducts(ctx, request as unknown as ListProductsRequest);
  assert.equal(total, BigInt(products.length));
  return products.map(({ name }) => name ?? "");
}

/** What people type, and the product that should come first. */
const finds: [query: string, first: string][] = [
  ["mug", "Tideline Mug"],
  ["MUGS", "Tideline Mug"],
  ["harbour sunglasses", "Harbour Sunglasses"],
  ["sungl", "Harbour Sunglasses"],
  ["candle hold", "Chamberstick Candle Holder"],
  ["salt & pepper", "Day & Night Salt & Pepper Shakers"],
  ["HARB-SUNG-INK", "Harbour Sunglasses"],
  ["acetate", "Harbour Sunglasses"],
  ["shades", "Harbour Sunglasses"],
  ["dryer", "Blush Hairdryer"],
];

for (const [query, first] of finds)
  test(`"${query}" finds ${first} first`, async () => {
    assert.equal((await search(query))[0], first);
  });

const typos: [query: string, first: string][] = [
  ["sunglases", "Harbour Sunglasses"],
  ["sunglassses", "Harbour Sunglasses"],
  ["sunglqsses", "Harbour Sunglasses"],
  ["sunlgasses", "Harbour Sunglasses"],
  ["lofers", "Library Loafers"],
  ["hairdrier", "Blush Hairdryer"],
  ["mgu", "Tideline Mug"],
  ["bambo jar", "Pantry Bamboo Glass Jar"],
  ["tidelime mug", "Tideline Mug"],
];

for (const [query, first] of typos)
  test(`"${query}", one letter wrong, finds ${first} first`, async () => {
    assert.equal((await search(query))[0], first);
  });

test("a word that is right is not guessed at: look-alikes stay out", async () => {
  const found = await search("mug");
  assert.ok(!found.some((name) => /\brug\b/i.test(name)), found.join(", "));
});

test("accents do not matter, neither in names nor in what is typed", async () => {
  await addProduct(ctx, { name: "Crème Brûlée Torch" });
  for (const query of ["creme brulee", "CRÈME", "brûlée"])
    assert.equal((await search(query))[0], "Crème Brûlée Torch", query);
});

test("every word counts: what lacks one is not found", async () => {
  assert.deepEqual(await search("mug submarine"), []);
});

test("a name that begins with the words comes before one that merely has them", async () => {
  await addProduct(ctx, { name: "Stand for an Ocarina" });
  await addProduct(ctx, { name: "Ocarina Stand" });
  assert.deepEqual(await search("ocarina"), ["Ocarina Stand", "Stand for an Ocarina"]);
});

test("signs, operators and odd characters are no query language and never break", async () => {
  const odd = [
    "!!",
    "&",
    "a & b | !c",
    "'; drop table products; --",
    "mug:*",
    "(((",
    "\\",
    "%",
    "\0mug\0",
    "\ud800",
    "🎺",
    "ß",
    "word ".repeat(39),
  ];
  for (const query of odd) assert.ok(Array.isArray(await search(query)), query);
  assert.equal((await search("mug:*"))[0], "Tideline Mug");
  assert.deepEqual(await search("!!"), []);
});
