import type { CancelShipmentRequest } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { ShippingContext } from "../context.ts";
import { shipmentHandedOver } from "../errors.ts";
import { cancelShipment as cancel, findShipment } from "../store.ts";

export async function cancelShipment(ctx: ShippingContext, { orderId }: CancelShipmentRequest, call: Call) {
  requireService(call);
  if (!isUuid(orderId)) throw invalid([{ path: "orderId", message: "must be a UUID" }]);
  if (await cancel(ctx.db, orderId)) return {};
  const existing = await findShipment(ctx.db, orderId);
  if (existing?.status !== "cancelled") throw shipmentHandedOver(orderId);
  return {};
}
