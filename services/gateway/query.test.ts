import assert from "node:assert/strict";
import { it } from "node:test";
import { Type } from "@fastify/type-provider-typebox";
import { AppError } from "#platform/kit/errors.ts";
import { readQuery } from "./query.ts";
import { OrderQuery } from "./schemas/order.ts";
import { ProductQuery, SearchQuery } from "./schemas/product.ts";
import { RecommendationQuery } from "./schemas/suggestion.ts";

function faultsOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    assert.ok(error instanceof AppError && error.kind === "invalid", String(error));
    return error.violations.map(({ path }) => path);
  }
}

it("values get the types of the schema; what it does not name is passed over", () => {
  const raw = {
    limit: "10",
    inStock: "true",
    sort: "-price",
    "attributes.color": "red",
    utm_source: "x",
    q: "",
  };
  assert.deepEqual(readQuery(ProductQuery, raw), {
    limit: 10,
    inStock: true,
    sort: "-price",
    "attributes.*": { color: "red" },
  });
});

it("lists come separated by commas or as repeated parameters", () => {
  assert.deepEqual(readQuery(RecommendationQuery, { productIds: "a, b,,c" }), {
    productIds: ["a", "b", "c"],
  });
  assert.deepEqual(readQuery(RecommendationQuery, { productIds: ["a", "b,c"] }), {
    productIds: ["a", "b", "c"],
  });
});

it("whole numbers are whole numbers in plain digits", () => {
  const wrong = [
    "",
    " 1",
    "1 ",
    "1.0",
    "1e1",
    "0x1",
    "+1",
    "١",
    "NaN",
    "0",
    "101",
    "-1",
    "99999999999",
    "true",
  ];
  for (const limit of wrong)
    assert.deepEqual(
      faultsOf(() => readQuery(ProductQuery, { limit })),
      ["limit"],
      limit,
    );
});

it("a parameter that stands twice where one is meant is refused", () => {
  for (const [name, value] of Object.entries({
    limit: "1",
    q: "x",
    sort: "name",
    inStock: "true",
    minPrice: "1",
  }))
    assert.deepEqual(
      faultsOf(() => readQuery(ProductQuery, { [name]: [value, value] })),
      [name],
      name,
    );
});

it("texts keep to their bounds, choices to their list, times to RFC 3339", () => {
  assert.deepEqual(
    faultsOf(() => readQuery(ProductQuery, { q: "x".repeat(201) })),
    ["q"],
  );
  assert.deepEqual(
    faultsOf(() => readQuery(ProductQuery, { q: "a\0b" })),
    ["q"],
  );
  assert.deepEqual(
    faultsOf(() => readQuery(ProductQuery, { sort: "PRICE" })),
    ["sort"],
  );
  assert.deepEqual(
    faultsOf(() => readQuery(ProductQuery, { minPrice: "1,50" })),
    ["minPrice"],
  );
  assert.deepEqual(
    faultsOf(() => readQuery(OrderQuery, { createdFrom: "2030-02-30" })),
    ["createdFrom"],
  );
  assert.deepEqual(
    faultsOf(() => readQuery(OrderQuery, { createdFrom: "2030-13-01T00:00:00Z" })),
    ["createdFrom"],
  );
  assert.deepEqual(
    faultsOf(() => readQuery(SearchQuery, {})),
    ["q"],
  );
});

it("names of attributes cannot reach into prototypes or come in floods", () => {
  assert.deepEqual(
    faultsOf(() => readQuery(ProductQuery, { "attributes.__proto__": "x" })),
    ["attributes."],
  );
  const flood = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`attributes.a${index}`, "x"]));
  assert.deepEqual(
    faultsOf(() => readQuery(ProductQuery, flood)),
    ["attributes.*"],
  );
});

it("a schema without parameters reads any query as empty", () => {
  assert.deepEqual(readQuery(Type.Object({}), { a: "1" }), {});
});
