import assert from "node:assert/strict";
import { test } from "node:test";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { testServices } from "#platform/testing/services.ts";
import { ad } from "../service.ts";

const services = await testServices([ad]);
const client = services.as(AdService, "ad", "gateway");

test("ads match the categories asked for", async () => {
  const { ads } = await client.getAds({ contextKeys: ["kitchen", "no-such-category"] });
  assert.deepEqual(
    ads.map(({ imageUrl }) => imageUrl),
    Array(2).fill("/static/img/ads/kitchen.svg"),
  );
  for (const { redirectUrl, text } of ads) assert.ok(redirectUrl.startsWith("/product/") && text.length > 0);
});

test("keys that match nothing, none, absurd ones and any limit still give ads", async () => {
  for (const contextKeys of [[], ["spaceships"], Array<string>(1_000).fill("x".repeat(1_000))]) {
    for (const limit of [0, -1, 1, 2, 2_000_000_000]) {
      const { ads } = await client.getAds({ contextKeys, limit });
      assert.ok(ads.length >= 1 && ads.length <= 20);
    }
  }
  assert.equal((await client.getAds({})).ads.length, 2);
});

test("a shop without ads shows the house ad", async () => {
  const bare = await testServices([ad], { environment: { CATALOG_DEMO: "false" } });
  const { ads } = await bare.as(AdService, "ad").getAds({ contextKeys: ["kitchen"] });
  assert.deepEqual(
    ads.map(({ redirectUrl }) => redirectUrl),
    ["/"],
  );
});
