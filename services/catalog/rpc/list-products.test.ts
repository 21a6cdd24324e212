import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListProductsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { money } from "#platform/kit/money.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Sort } from "../listing.ts";
import { addProduct, testContext } from "../testing/catalog-context.ts";
import { listProducts } from "./list-products.ts";

const ctx = await testContext();

function list(changes: object = {}) {
  const request = {
    category: "",
    query: "",
    attributes: {},
    sort: "",
    limit: 0,
    cursor: "",
    withFacets: false,
  };
  return listProducts(ctx, { ...request, ...changes } as unknown as ListProductsRequest);
}

async function names(changes: object): Promise<(string | undefined)[]> {
  return (await list(changes)).products.map(({ name }) => name);
}

async function addSome(category: string, products: Parameters<typeof addProduct>[1][]) {
  for (const product of products) await addProduct(ctx, { category, ...product });
}

await addSome("cups", [
  {
    name: "Éclair Cup",
    price: money("USD", 300n),
    stockQuantity: 5n,
    attributes: { colour: "red", size: 2, handles: ["one", "two"] },
  },
  {
    name: "amber cup",
    price: money("USD", 100n),
    stockQuantity: 0n,
    attributes: { colour: "amber", size: 2 },
  },
  {
    name: "Zebra Cup",
    price: money("USD", 200n),
    stockQuantity: 1n,
    attributes: { colour: "red", hot: true },
  },
]);
await ctx.db.run(
  `insert into categories (id, slug, name, parent_id) select $1, 'tiny-cups', 'Tiny cups', id from categories where slug = 'cups'`,
  [newId()],
);
await addSome("tiny-cups", [{ name: "Thimble", price: money("USD", 200n), stockQuantity: 9n }]);

test("each sort has its order, and equal keys keep one", async () => {
  const orders: [string, string[]][] = [
    ["name", ["amber cup", "Éclair Cup", "Thimble", "Zebra Cup"]],
    ["-name", ["Zebra Cup", "Thimble", "Éclair Cup", "amber cup"]],
    ["newest", ["Thimble", "Zebra Cup", "amber cup", "Éclair Cup"]],
    ["", ["Thimble", "Zebra Cup", "amber cup", "Éclair Cup"]],
    ["relevance", ["Thimble", "Zebra Cup", "amber cup", "Éclair Cup"]],
    ["price", ["amber cup", "Zebra Cup", "Thimble", "Éclair Cup"]],
    ["-price", ["Éclair Cup", "Thimble", "Zebra Cup", "amber cup"]],
  ];
  for (const [sort, expected] of orders)
    assert.deepEqual(await names({ category: "cups", sort }), expected, sort);
});

test("filters narrow, together they narrow more, and products of categories below count", async () => {
  const filters: [object, string[]][] = [
    [{ category: "cups" }, ["amber cup", "Éclair Cup", "Thimble", "Zebra Cup"]],
    [{ category: "tiny-cups" }, ["Thimble"]],
    [{ category: "no-such-thing" }, []],
    [{ category: "NOT A SLUG" }, []],
    [{ minPrice: money("USD", 200n) }, ["Éclair Cup", "Thimble", "Zebra Cup"]],
    [{ maxPrice: money("USD", 200n) }, ["amber cup", "Thimble", "Zebra Cup"]],
    [
      { minPrice: money("USD", 200n), maxPrice: money("USD", 200n), category: "cups" },
      ["Thimble", "Zebra Cup"],
    ],
    [{ inStock: true }, ["Éclair Cup", "Thimble", "Zebra Cup"]],
    [{ inStock: false }, ["amber cup"]],
    [{ attributes: { colour: "red" } }, ["Éclair Cup", "Zebra Cup"]],
    [{ attributes: { colour: "red", hot: "true" } }, ["Zebra Cup"]],
    [{ attributes: { size: "2" } }, ["amber cup", "Éclair Cup"]],
    [{ attributes: { handles: "two" } }, ["Éclair Cup"]],
    [{ attributes: { colour: "re" } }, []],
    [{ attributes: { size: "007" } }, []],
    [{ query: "zebra cup", inStock: true }, ["Zebra Cup"]],
  ];
  for (const [filter, expected] of filters) {
    const { products, total } = await list({ sort: "name", ...filter });
    assert.deepEqual(
      products.map(({ name }) => name),
      expected,
      JSON.stringify(filter, String),
    );
    assert.equal(total, BigInt(expected.length), JSON.stringify(filter, String));
  }
});

test("facets count what was found, by category and by attribute", async () => {
  const { facets } = await list({ category: "cups", withFacets: true });
  const found = Object.fromEntries(facets.map(({ name, values }) => [name, values]));
  assert.equal(facets[0]?.name, "category");
  assert.deepEqual(found["category"], [
    { value: "cups", count: 3n },
    { value: "tiny-cups", count: 1n },
  ]);
  assert.deepEqual(found["attributes.colour"], [
    { value: "red", count: 2n },
    { value: "amber", count: 1n },
  ]);
  assert.deepEqual(found["attributes.size"], [{ value: "2", count: 2n }]);
  assert.deepEqual(found["attributes.hot"], [{ value: "true", count: 1n }]);
  assert.deepEqual((await list({ category: "cups" })).facets, []);
});

test("a deleted product is in no list, total or facet", async () => {
  const id = await addProduct(ctx, { name: "Gone", category: "gone", attributes: { colour: "red" } });
  assert.equal((await list({ category: "gone" })).total, 1n);
  await ctx.db.run("update products set deleted_at = now() where id = $1", [id]);
  for (const filter of [{ category: "gone" }, { query: "gone" }]) {
    const { products, total, facets } = await list({ ...filter, withFacets: true });
    assert.deepEqual([products, total, facets], [[], 0n, []]);
  }
});

test("what no list can mean is refused as invalid and never breaks the database", async () => {
  const foreign = (keys: unknown) => Buffer.from(JSON.stringify(keys)).toString("base64url");
  const wrong: object[] = [
    { sort: "colour" },
    { limit: -1 },
    { limit: 101 },
    { minPrice: money("EUR", 1n) },
    { query: "x".repeat(201) },
    { attributes: { "a\0": "b" } },
    { attributes: { a: "b\0" } },
    { attributes: { a: "\ud800" } },
    { cursor: "rubbish" },
    { cursor: foreign(["price", "1", newId()]), sort: "name" },
    { cursor: foreign(["price", "1; drop table", newId()]), sort: "price" },
    { cursor: foreign(["price", "99999999999999999999", newId()]), sort: "price" },
    { cursor: foreign(["price", "1", "shoes"]), sort: "price" },
    { cursor: foreign(["newest", "2026-99-99T00:00:00.000Z", newId()]) },
    { cursor: foreign(["name", "a\0b", newId()]), sort: "name" },
    { cursor: foreign(["name", "\ud800", newId()]), sort: "name" },
  ];
  for (const one of wrong)
    await assert.rejects(
      list(one),
      (error) => isReason(error, "VALIDATION_FAILED"),
      JSON.stringify(one, String),
    );
});

async function walk(sort: Sort, query: string, between: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  let cursor = "";
  do {
    const page = await list({ category: "pages", sort, query, limit: 7, cursor });
    seen.push(...page.products.map(({ id }) => id ?? ""));
    cursor = page.nextCursor;
    await between();
  } while (cursor !== "");
  return seen;
}

test("paging shows each unchanged product exactly once while others come and go, in every order", async () => {
  const words = ["apple", "pear", "plum"];
  const kept: string[] = [];
  const doomed: string[] = [];
  for (let index = 0; index < 60; index += 1) {
    // Many equal keys: only the id tells the rows apart.
    const price = money("USD", BigInt(100 * (index % 4)));
    const name = `Basket of ${words[index % 3]}`;
    (index % 5 === 0 ? doomed : kept).push(await addProduct(ctx, { category: "pages", name, price }));
  }
  await ctx.db.run(
    "update products set created_at = date_trunc('second', created_at) where category = 'pages'",
  );
  let added = 0;
  const change = async () => {
    added += 1;
    await addProduct(ctx, {
      category: "pages",
      name: `Basket of ${words[added % 3]}`,
      price: money("USD", BigInt(added % 5) * 100n),
    });
    const victim = doomed.pop();
    if (victim) await ctx.db.run("update products set deleted_at = now() where id = $1", [victim]);
  };
  for (const sort of ["name", "-name", "price", "-price", "newest", "relevance"] as const) {
    const seen = await walk(sort, sort === "relevance" ? "basket" : "", change);
    assert.equal(new Set(seen).size, seen.length, `${sort} repeats a product`);
    assert.deepEqual(
      kept.filter((id) => !seen.includes(id)),
      [],
      `${sort} skips a product`,
    );
  }
  assert.ok(added > 40);
});
