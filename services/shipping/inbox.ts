import { isUuid } from "#platform/kit/ids.ts";
import type { InboxHandlers } from "#platform/database/inbox.ts";
import { cancelShipment, moveShipment } from "./store.ts";

/** The parcel follows its order. An order without a parcel, or one that is further already, changes nothing. */
export const inbox: InboxHandlers = {
  "order.shipped": async (tx, { aggregateId }) => {
    if (isUuid(aggregateId)) await moveShipment(tx, aggregateId, "in_transit");
  },
  "order.delivered": async (tx, { aggregateId }) => {
    if (isUuid(aggregateId)) await moveShipment(tx, aggregateId, "delivered");
  },
  "order.cancelled": async (tx, { aggregateId }) => {
    if (isUuid(aggregateId)) await cancelShipment(tx, aggregateId);
  },
};
