import type { AdvanceShipmentRequest } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { ShippingContext } from "../context.ts";
import { shipmentCancelled, shipmentNotFound } from "../errors.ts";
import { findShipment, moveShipment } from "../store.ts";

export async function advanceShipment(ctx: ShippingContext, request: AdvanceShipmentRequest, call: Call) {
  requireService(call);
  const { orderId, status } = request;
  if (!isUuid(orderId)) throw invalid([{ path: "orderId", message: "must be a UUID" }]);
  if (status !== "in_transit" && status !== "delivered")
    throw invalid([{ path: "status", message: "must be in_transit or delivered" }]);
  if (await moveShipment(ctx.db, orderId, status)) return {};
  const existing = await findShipment(ctx.db, orderId);
  if (!existing) throw shipmentNotFound(orderId);
  if (existing.status === "cancelled") throw shipmentCancelled(orderId);
  return {};
}
