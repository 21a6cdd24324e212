import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListProductsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { cursorOf, parseListing } from "./listing.ts";

function parse(changes: object) {
  const request = { category: "", query: "", attributes: {}, sort: "", limit: 0, cursor: "" };
  return parseListing({ ...request, ...changes } as unknown as ListProductsRequest, "USD");
}

test("without a sort, searches come by relevance and lists by age; relevance without a search is age", () => {
  assert.equal(parse({}).sort, "newest");
  assert.equal(parse({ query: "mug" }).sort, "relevance");
  assert.equal(parse({ query: "  " }).sort, "newest");
  assert.equal(parse({ sort: "relevance" }).sort, "newest");
  assert.equal(parse({ query: "mug", sort: "-price" }).sort, "-price");
});

test("a cursor leads back to the place it was made of", () => {
  const places = [
    ["name", "éclair \u{1f375}"],
    ["price", "1999"],
    ["newest", "2026-11-20T10:00:00.123Z"],
  ] as const;
  for (const [sort, key] of places) {
    const place = { key, id: newId() };
    assert.deepEqual(parse({ sort, cursor: cursorOf(sort, place) }).after, place);
  }
});
