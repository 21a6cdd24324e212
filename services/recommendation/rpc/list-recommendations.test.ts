import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  ListRecommendationsRequestSchema,
  RecommendationService,
} from "#gen/stoa/recommendation/v1/recommendation_pb.js";
import { testCall } from "#platform/testing/call.ts";
import { weights, type Deed } from "../co-occurrence.ts";
import { learnWaiting } from "../jobs/learn-deeds.ts";
import { refreshMemory } from "../jobs/refresh-memory.ts";
import { sessionOf } from "../learning.ts";
import { StandInCatalogue, openRecommendations } from "../testing/open-recommendation.ts";
import { listRecommendations } from "./list-recommendations.ts";
import { fixedFlags } from "#platform/kit/flags.ts";

const catalogue = new StandInCatalogue();
const idOf = new Map(
  Array.from({ length: 130 }, (_, index) => {
    const code = `PRODUCT${String(index).padStart(3, "0")}`;
    return [code, catalogue.add(code, `category-${index % 10}`)];
  }),
);
const soldOut = catalogue.add("SOLDOUT001", "category-1", { stockQuantity: 0n });
const { services, ctx } = await openRecommendations(catalogue);
const client = services.as(RecommendationService, "recommendation", "gateway");
const id = (code: string) => idOf.get(code) ?? "";

async function ask(request: MessageInitShape<typeof ListRecommendationsRequestSchema>, context = ctx) {
  const message = create(ListRecommendationsRequestSchema, request);
  return (await listRecommendations(context, message, testCall())).productIds;
}

test("the running service suggests five products by ids from its first moment on, of the whole catalogue", async () => {
  const { productIds } = await client.listRecommendations({ productIds: [id("PRODUCT129")] });
  assert.equal(productIds.length, 5);
  const all = new Set([...idOf.values()]);
  for (const productId of productIds) assert.ok(all.has(productId) && productId !== id("PRODUCT129"));
});

test("products that many visitors bought together are suggested for each other, by id, code or slug", async () => {
  const deeds = Array.from({ length: 40 }, (_, index): Deed[] => {
    const session = sessionOf(`visitor-${index}`);
    return ["PRODUCT001", "PRODUCT017"].map((code) => ({
      session,
      productId: id(code),
      weight: weights.purchase,
    }));
  });
  ctx.waiting.push(...deeds.flat());
  await learnWaiting(ctx);
  await refreshMemory(ctx);
  for (const key of [id("PRODUCT001"), "PRODUCT001", "product001"])
    assert.equal((await ask({ productIds: [key] }))[0], id("PRODUCT017"));
  assert.equal((await ask({}))[0], id("PRODUCT001"), "and they are the popular ones");
});

test("given products, those out of stock and those off sale are never suggested", async () => {
  const given = [...idOf.values()].slice(0, 120);
  const { length } = await ask({ productIds: given, limit: 20 });
  assert.equal(length, 10);
  assert.ok(!(await ask({ productIds: [id("PRODUCT011")], limit: 20 })).includes(soldOut));
  catalogue.products.delete("PRODUCT017");
  await refreshMemory(ctx);
  assert.ok(!(await ask({ productIds: ["PRODUCT001"], limit: 20 })).includes(id("PRODUCT017")));
});

test("unknown products and absurd limits do no harm", async () => {
  assert.equal((await ask({ productIds: ["nothing", "", "x".repeat(10_000)] })).length, 5);
  assert.equal((await ask({ limit: -3 })).length, 5);
  assert.equal((await ask({ limit: 2_000_000_000 })).length, 20);
});

test("with recommendations switched off the list is empty", async () => {
  const flags = fixedFlags((name) => name !== "ENABLE_RECOMMENDATIONS");
  assert.deepEqual(await ask({ productIds: ["PRODUCT001"] }, { ...ctx, flags }), []);
});

test("trouble with flags or memory gives an empty list, not an error", async () => {
  const isOn = () => Promise.reject(new Error("The flags cannot be read."));
  const flags = { ...fixedFlags(() => true), isOn };
  assert.deepEqual(await ask({}, { ...ctx, flags }), []);
  assert.deepEqual(await ask({}, { ...ctx, shelf: undefined as never }), []);
});

test("while the catalogue is away the last known products go on being suggested", async () => {
  catalogue.isAway = true;
  await assert.rejects(refreshMemory(ctx));
  assert.equal((await ask({ productIds: ["PRODUCT002"] })).length, 5);
  catalogue.isAway = false;
});

test("a service that starts while the catalogue is away starts, and has no suggestions", async () => {
  const away = new StandInCatalogue();
  away.isAway = true;
  const shop = await openRecommendations(away);
  const { productIds } = await shop.services
    .as(RecommendationService, "recommendation")
    .listRecommendations({});
  assert.deepEqual(productIds, []);
});
