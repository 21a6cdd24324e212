import { fromJsonString } from "@bufbuild/protobuf";
import { OrderEventSchema } from "#gen/stoa/order/v1/order_pb.js";
import { isUuid } from "#platform/kit/ids.ts";
import type { InboxHandlers } from "#platform/database/inbox.ts";
import { weights } from "./co-occurrence.ts";
import { learnDeeds, sessionOf } from "./learning.ts";

/** What was bought together says the most. */
export const inbox: InboxHandlers = {
  "order.placed": async (tx, { payloadJson }) => {
    const { order } = fromJsonString(OrderEventSchema, payloadJson, { ignoreUnknownFields: true });
    const session = sessionOf(order?.userId || order?.id || "");
    const productIds = new Set(order?.items.map(({ productId }) => productId).filter(isUuid));
    const deeds = [...productIds].map((productId) => ({ session, productId, weight: weights.purchase }));
    if (deeds.length > 0) await learnDeeds(tx, deeds);
  },
};
