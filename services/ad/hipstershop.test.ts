import assert from "node:assert/strict";
import { test } from "node:test";
import { AdService } from "#gen/hipstershop/demo_pb.js";
import { testServices } from "#platform/testing/services.ts";
import { ad } from "./service.ts";

const services = await testServices([ad]);
const client = services.as(AdService, "ad");

test("every category of the contract has its ads, kitchen two", async () => {
  for (const key of ["clothing", "accessories", "footwear", "hair", "decor", "kitchen"]) {
    const { ads } = await client.getAds({ contextKeys: [key] });
    assert.equal(ads.length, key === "kitchen" ? 2 : 1, key);
  }
  assert.equal((await client.getAds({ contextKeys: ["clothing", "kitchen", "hair"] })).ads.length, 4);
});

test("two ads come where none match or nothing was asked", async () => {
  for (const contextKeys of [[], ["vintage"]])
    assert.equal((await client.getAds({ contextKeys })).ads.length, 2);
});

test("there is an ad even in a shop that has none", async () => {
  const bare = await testServices([ad], { environment: { AD_DEMO: "false" } });
  assert.equal((await bare.as(AdService, "ad").getAds({})).ads.length, 1);
});
