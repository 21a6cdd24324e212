import assert from "node:assert/strict";
import { test } from "node:test";
import { RecommendationService } from "#gen/hipstershop/demo_pb.js";
import { StandInCatalogue, openRecommendations } from "./testing/open-recommendation.ts";

const catalogue = new StandInCatalogue();
const codes = Array.from({ length: 9 }, (_, index) => `CODE00000${index}`);
for (const code of codes) catalogue.add(code, "kitchen");
const { services } = await openRecommendations(catalogue);
const client = services.as(RecommendationService, "recommendation");

test("five codes are suggested, none of the given", async () => {
  const { productIds } = await client.listRecommendations({
    userId: "anyone at all",
    productIds: codes.slice(0, 2),
  });
  assert.equal(productIds.length, 5);
  for (const code of productIds) assert.ok(codes.slice(2).includes(code));
});

test("fewer come where fewer are left, and none where none is", async () => {
  assert.equal((await client.listRecommendations({ productIds: codes.slice(0, 6) })).productIds.length, 3);
  assert.deepEqual((await client.listRecommendations({ productIds: codes })).productIds, []);
  assert.equal((await client.listRecommendations({})).productIds.length, 5);
});
