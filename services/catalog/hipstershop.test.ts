import assert from "node:assert/strict";
import { test } from "node:test";
import { ProductCatalogService } from "#gen/hipstershop/demo_pb.js";
import { isKind } from "#platform/kit/errors.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { testServices } from "#platform/testing/services.ts";
import { catalog } from "./service.ts";

const shop = await testServices([catalog as AnyService]);
const client = shop.as(ProductCatalogService, "catalog");

const contract: [id: string, word: string, units: bigint, nanos: number, categories: string[]][] = [
  ["OLJCESPC7Z", "Sunglasses", 19n, 990_000_000, ["accessories"]],
  ["66VCHSJNUP", "Tank Top", 18n, 990_000_000, ["clothing", "tops"]],
  ["1YMWWN1N4O", "Watch", 109n, 990_000_000, ["accessories"]],
  ["L9ECAV7KIM", "Loafers", 89n, 990_000_000, ["footwear"]],
  ["2ZYFJ3GM2N", "Hairdryer", 24n, 990_000_000, ["hair", "beauty"]],
  ["0PUK6V6EV0", "Candle Holder", 18n, 990_000_000, ["decor", "home"]],
  ["LS4PSXUNUM", "Salt & Pepper Shakers", 18n, 490_000_000, ["kitchen"]],
  ["9SIQT8TOJO", "Bamboo Glass Jar", 5n, 490_000_000, ["kitchen"]],
  ["6E92ZMYYFZ", "Mug", 8n, 990_000_000, ["kitchen"]],
];

test("the nine products of the contract keep id, word, price and categories", async () => {
  for (const [id, word, units, nanos, categories] of contract) {
    const product = await client.getProduct({ id });
    assert.equal(product.id, id);
    assert.ok(product.name.includes(word), product.name);
    const { currencyCode, units: whole, nanos: rest } = product.priceUsd ?? {};
    assert.deepEqual({ currencyCode, whole, rest }, { currencyCode: "USD", whole: units, rest: nanos });
    assert.deepEqual(product.categories, categories);
    assert.match(product.picture, /^\/static\/img\/products\/[a-z-]+\.svg$/);
  }
});

test("the list has all products at once, with codes for ids", async () => {
  const { products } = await client.listProducts({});
  assert.ok(products.length >= 48);
  for (const { id } of products) assert.match(id, /^[A-Z0-9]{10}$/);
  assert.deepEqual(
    contract.filter(([id]) => !products.some((product) => product.id === id)),
    [],
  );
});

test("an unknown id is NOT_FOUND", async () => {
  for (const id of ["NOSUCHCODE", ""])
    await assert.rejects(client.getProduct({ id }), (error) => isKind(error, "not_found"));
});

test("search finds a part of name or description in any case, takes signs literally, and all without words", async () => {
  const all = (await client.listProducts({})).products;
  const search = async (query: string) =>
    (await client.searchProducts({ query })).results.map(({ id }) => id);
  for (const query of ["mUg", "SALT & P", "ink ac", "e"]) {
    const expected = all.filter(({ name, description }) =>
      `${name}\n${description}`.toLowerCase().includes(query.toLowerCase()),
    );
    assert.ok(expected.length > 0);
    assert.deepEqual((await search(query)).toSorted(), expected.map(({ id }) => id).toSorted(), query);
  }
  assert.equal((await search("")).length, all.length);
  for (const query of ["%", "_", "\\", "mu%g", "no such thing"])
    assert.deepEqual(await search(query), [], query);
});
