import {
  OrderCancelledSchema,
  OrderDeliveredSchema,
  OrderShippedSchema,
} from "#gen/stoa/order/v1/order_pb.js";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { ShippingContext } from "./context.ts";
import { moveShipment } from "./store.ts";
import { stopParcel } from "./tasks/cancel-label.ts";

/** The parcel follows its order. An order without a parcel, or one that is further already, changes nothing. */
export function shippingInbox(ctx: Pick<ShippingContext, "tasks">): EventHandler[] {
  return [
    onEvent(OrderShippedSchema, async (tx, _, { aggregateId }) => {
      if (isUuid(aggregateId)) await moveShipment(tx, aggregateId, "in_transit");
    }),
    onEvent(OrderDeliveredSchema, async (tx, _, { aggregateId }) => {
      if (isUuid(aggregateId)) await moveShipment(tx, aggregateId, "delivered");
    }),
    onEvent(OrderCancelledSchema, async (tx, _, heard) => {
      if (isUuid(heard.aggregateId)) await stopParcel(ctx, tx, heard, heard.aggregateId);
    }),
  ];
}
