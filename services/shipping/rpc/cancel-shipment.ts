import type { CancelShipmentRequest } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { ShippingContext } from "../context.ts";
import { shipmentHandedOver } from "../errors.ts";
import { findShipment, moveShipment } from "../store.ts";
import { stopParcel } from "../tasks/cancel-label.ts";

export async function cancelShipment(ctx: ShippingContext, { orderId }: CancelShipmentRequest, call: Call) {
  requireService(call);
  if (!isUuid(orderId)) throw invalid([{ path: "orderId", message: "must be a UUID" }]);
  if (ctx.provider.carrier) await requireNotHandedOver(ctx, orderId, call);
  if (await ctx.db.inTransaction((tx) => stopParcel(ctx, tx, call, orderId))) return {};
  const existing = await findShipment(ctx.db, orderId);
  if (existing?.status !== "cancelled") throw shipmentHandedOver(orderId);
  return {};
}

/** The carrier alone knows whether it has the parcel already; it is told of the cancel by a task, whatever becomes of this call. */
async function requireNotHandedOver(
  { db, provider: { carrier } }: ShippingContext,
  orderId: string,
  call: Call,
) {
  const existing = await findShipment(db, orderId);
  if (existing?.status !== "label_created" || !carrier || existing.carrier !== carrier.name) return;
  if ((await carrier.cancelLabel(orderId, call.onward)) === "stopped") return;
  await moveShipment(db, orderId, "in_transit");
  throw shipmentHandedOver(orderId);
}
