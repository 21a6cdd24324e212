import { OrderPlacedSchema } from "#gen/stoa/order/v1/order_pb.js";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import { isUuid } from "#platform/kit/ids.ts";
import { weights } from "./co-occurrence.ts";
import { learnDeeds, sessionOf } from "./learning.ts";

/** What was bought together says the most. */
export function recommendationInbox(): EventHandler[] {
  return [
    onEvent(OrderPlacedSchema, async (tx, { order }) => {
      const session = sessionOf(order?.userId || order?.id || "");
      const productIds = new Set(order?.items.map(({ productId }) => productId).filter(isUuid));
      const deeds = [...productIds].map((productId) => ({ session, productId, weight: weights.purchase }));
      if (deeds.length > 0) await learnDeeds(tx, deeds);
    }),
  ];
}
