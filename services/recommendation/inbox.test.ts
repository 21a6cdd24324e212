import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toJson } from "@bufbuild/protobuf";
import { OrderPlacedSchema } from "#gen/stoa/order/v1/order_pb.js";
import { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { listPairs } from "./store.ts";
import { StandInCatalogue, openRecommendations } from "./testing/open-recommendation.ts";

const { services, ctx } = await openRecommendations(new StandInCatalogue());
const inbox = services.as(EventInboxService, "recommendation", "order");

async function tell(productIds: string[], eventId = newId(), userId = newId()) {
  const order = { id: newId(), userId, items: productIds.map((productId) => ({ productId, quantity: 2 })) };
  const payloadJson = JSON.stringify(toJson(OrderPlacedSchema, create(OrderPlacedSchema, { order })));
  const event = { id: eventId, topic: "order.placed", aggregateId: order.id, payloadJson };
  return (await inbox.deliver({ source: "order", events: [event] })).failures;
}
const strengthsOf = async (productId: string) =>
  (await listPairs(ctx.db, [productId])).map(({ strength }) => strength);

test("what was bought together is learned once, however often the event comes", async () => {
  const [mug, jar, eventId] = [newId(), newId(), newId()];
  assert.deepEqual(await tell([mug, jar], eventId), []);
  assert.deepEqual(await tell([mug, jar], eventId), []);
  assert.deepEqual(await strengthsOf(mug), [9]);
});

test("a second order of the same visitor within a week belongs to the same visit", async () => {
  const [mug, jar, ada] = [newId(), newId(), newId()];
  await tell([mug], newId(), ada);
  await tell([jar, mug], newId(), ada);
  assert.deepEqual(await strengthsOf(mug), [9]);
});

test("an order of one thing, of nothing, or without sense fails nobody", async () => {
  assert.deepEqual(await tell([newId()]), []);
  assert.deepEqual(await tell([]), []);
  assert.deepEqual(await tell(["not-a-uuid", newId()]), []);
});
