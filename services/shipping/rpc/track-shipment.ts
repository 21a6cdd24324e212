import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { TrackShipmentRequest } from "#gen/stoa/shipping/v1/shipping_pb.js";
import type { ShippingContext } from "../context.ts";
import { trackingNumberNotFound } from "../errors.ts";
import { parseTrackingNumber } from "../parcel.ts";
import { methodName } from "../shipping-method.ts";
import { findTrackedShipment } from "../store.ts";

export async function trackShipment(ctx: ShippingContext, request: TrackShipmentRequest) {
  // public: who has the number may look, as with every carrier; it tells neither name nor street
  const trackingNumber = parseTrackingNumber(request.trackingNumber);
  const shipment = trackingNumber && (await findTrackedShipment(ctx.db, trackingNumber));
  if (!shipment) throw trackingNumberNotFound();
  const { status, methodCode, country, estimatedDeliveryOn, events } = shipment;
  return {
    trackingNumber,
    status,
    methodName: methodName(methodCode),
    country,
    estimatedDeliveryOn: timestampFromDate(new Date(estimatedDeliveryOn)),
    events: events.map((event) => ({ status: event.status, at: timestampFromDate(new Date(event.at)) })),
  };
}
