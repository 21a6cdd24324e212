import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  RecommendationService,
  RecordBehaviorRequestSchema,
} from "#gen/stoa/recommendation/v1/recommendation_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { learnWaiting } from "../jobs/learn-deeds.ts";
import { refreshMemory } from "../jobs/refresh-memory.ts";
import { listPairs } from "../store.ts";
import { StandInCatalogue, openRecommendations } from "../testing/open-recommendation.ts";
import { recordBehavior } from "./record-behavior.ts";

const catalogue = new StandInCatalogue();
const [mug, jar] = [catalogue.add("MUG0000001", "kitchen"), catalogue.add("JAR0000001", "kitchen")];
const { services, ctx } = await openRecommendations(catalogue);
await refreshMemory(ctx);
const record = async (request: MessageInitShape<typeof RecordBehaviorRequestSchema>) =>
  await recordBehavior(ctx, create(RecordBehaviorRequestSchema, request));
const strengthOf = async () => (await listPairs(ctx.db, [mug])).find(({ other }) => other === jar)?.strength;

test("views and carts are noted without a write, and learned together", async () => {
  await record({ sessionKey: "one", kind: "view", productIds: [mug] });
  await record({ sessionKey: "one", kind: "cart", productIds: ["JAR0000001"] });
  assert.equal(await strengthOf(), undefined);
  await learnWaiting(ctx);
  assert.equal(await strengthOf(), 2);
});

test("a visitor who repeats himself a thousand times says no more than once", async () => {
  const before = await strengthOf();
  for (let turn = 0; turn < 1_000; turn += 1)
    await record({ sessionKey: "one", kind: "view", productIds: [mug, jar] });
  await learnWaiting(ctx);
  assert.equal(await strengthOf(), before);
});

test("unknown products are passed over", async () => {
  await record({ sessionKey: "two", kind: "view", productIds: ["nothing", "", "x".repeat(10_000)] });
  assert.equal(ctx.waiting.length, 0);
});

test("under a flood memory stays bounded", async () => {
  for (let turn = 0; turn < 11_000; turn += 1)
    await record({ sessionKey: `flood-${turn}`, kind: "view", productIds: [mug, jar] });
  assert.equal(ctx.waiting.length, 20_000);
  ctx.waiting.length = 0;
});

test("no session, an overlong one, another kind and too many products are refused", async () => {
  const isInvalid = (error: unknown) => isReason(error, "VALIDATION_FAILED");
  const productIds = [mug];
  await assert.rejects(record({ sessionKey: "", kind: "view", productIds }), isInvalid);
  await assert.rejects(record({ sessionKey: "x".repeat(257), kind: "view", productIds }), isInvalid);
  await assert.rejects(record({ sessionKey: "a", kind: "purchase", productIds }), isInvalid);
  await assert.rejects(
    record({ sessionKey: "a", kind: "view", productIds: Array(101).fill(mug) }),
    isInvalid,
  );
});

test("the running service learns within seconds what it was told", async () => {
  services.startWork();
  const client = services.as(RecommendationService, "recommendation", "gateway");
  const before = (await strengthOf()) ?? 0;
  await client.recordBehavior({ sessionKey: "three", kind: "cart", productIds: [mug, jar] });
  await eventually("the visit is learned", async () => (await strengthOf()) === before + 4);
});
