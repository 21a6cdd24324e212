import type { CreateShipmentRequest, ParcelItem } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { brokenConstraint } from "#platform/database/db.ts";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { requireAddress, type AddressFields } from "../address.ts";
import type { ShippingContext } from "../context.ts";
import { shipmentCancelled } from "../errors.ts";
import { countItems, newTrackingNumber } from "../parcel.ts";
import { addWorkingDays, quoteMethods, zoneOf, type ShippingMethod } from "../shipping-method.ts";
import { findShipment, insertShipment } from "../store.ts";

export async function createShipment(ctx: ShippingContext, request: CreateShipmentRequest, call: Call) {
  requireService(call);
  const { orderId, address, items } = request;
  if (!isUuid(orderId)) throw invalid([{ path: "orderId", message: "must be a UUID" }]);
  if (!address) throw invalid([{ path: "address", message: "is required" }]);
  requireAddress(address);
  const method = requireMethod(ctx, request, address);
  for (;;) {
    const trackingNumber = newTrackingNumber(address);
    if (await tryInsert(ctx, { orderId, trackingNumber, method, address, items })) return { trackingNumber };
    const existing = await findShipment(ctx.db, orderId);
    if (existing?.status === "cancelled") throw shipmentCancelled(orderId);
    if (existing?.trackingNumber) return { trackingNumber: existing.trackingNumber };
  }
}

function requireMethod(
  ctx: ShippingContext,
  request: CreateShipmentRequest,
  address: AddressFields,
): ShippingMethod {
  const methods = quoteMethods(ctx.rates, zoneOf(address, ctx.originCountry), countItems(request.items));
  const method = methods.find(({ code }) => request.methodCode === "" || code === request.methodCode);
  if (method) return method;
  const codes = methods.map(({ code }) => code).join(" or ");
  throw invalid([{ path: "methodCode", message: `must be ${codes}` }]);
}

interface Parcel {
  readonly orderId: string;
  readonly trackingNumber: string;
  readonly method: ShippingMethod;
  readonly address: AddressFields;
  readonly items: readonly ParcelItem[];
}

/** False when the order has a parcel already, or another parcel has this number: the caller looks which. */
async function tryInsert(ctx: ShippingContext, parcel: Parcel): Promise<boolean> {
  const { fullName, line1, line2, city, region, postalCode, country, freeText } = parcel.address;
  try {
    return await insertShipment(ctx.db, {
      orderId: parcel.orderId,
      trackingNumber: parcel.trackingNumber,
      methodCode: parcel.method.code,
      country,
      address: { fullName, line1, line2, city, region, postalCode, country, freeText },
      items: parcel.items.map(({ productId, variantId, quantity }) => {
        return { productId, variantId, quantity: Number(quantity) };
      }),
      estimatedDeliveryOn: addWorkingDays(ctx.clock.now(), parcel.method.estimatedDays),
    });
  } catch (error) {
    if (brokenConstraint(error) === "shipments_tracking_number_key") return false;
    throw error;
  }
}
