import type { Call } from "#platform/rpc/contract.ts";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { TrackShipmentRequest } from "#gen/stoa/shipping/v1/shipping_pb.js";
import type { ShippingContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { parseTrackingNumber } from "../parcel.ts";
import { methodName } from "../shipping-method.ts";
import { claimLook, findTrackedShipment, moveShipment } from "../store.ts";

const followTimeoutMs = 2_000;

export async function trackShipment(ctx: ShippingContext, request: TrackShipmentRequest, call: Call) {
  // public: who has the number may look, as with every carrier; it tells neither name nor street
  const trackingNumber = parseTrackingNumber(request.trackingNumber);
  const shipment = trackingNumber && (await findFollowed(ctx, trackingNumber, call));
  if (!shipment) throw refusal("TRACKING_NUMBER_NOT_FOUND");
  const { status, methodCode, methodName: name, country, estimatedDeliveryOn, events } = shipment;
  return {
    trackingNumber,
    status,
    methodName: name ?? methodName(methodCode),
    country,
    estimatedDeliveryOn: timestampFromDate(new Date(estimatedDeliveryOn)),
    events: events.map((event) => ({ status: event.status, at: timestampFromDate(new Date(event.at)) })),
  };
}

/** The parcel as far as the carrier says it is, asked at most once a minute; as far as we know when the carrier is silent. */
async function findFollowed(ctx: ShippingContext, trackingNumber: string, call: Call) {
  const { carrier } = ctx.provider;
  const orderId = carrier && (await claimLook(ctx.db, trackingNumber, carrier.name));
  if (carrier && orderId !== undefined) {
    try {
      const label = await carrier.findLabel(orderId, { ...call.onward, timeoutMs: followTimeoutMs });
      if (label?.status === "in_transit" || label?.status === "delivered")
        await moveShipment(ctx.db, orderId, label.status);
    } catch (error) {
      ctx.log.warn(
        { err: error, orderId },
        "The carrier did not say where a parcel is; what we know is shown.",
      );
    }
  }
  return await findTrackedShipment(ctx.db, trackingNumber);
}
