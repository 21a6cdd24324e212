import type { CreateShipmentRequest, ParcelItem } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { brokenConstraint } from "#platform/database/db.ts";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { normalAddress, type AddressFields } from "../address.ts";
import type { ShippingContext } from "../context.ts";
import { carrierNotInUse, shipmentCancelled } from "../errors.ts";
import { countItems, isTrackingNumber, newTrackingNumber } from "../parcel.ts";
import type { Carrier, ShippingMethod } from "../provider.ts";
import { addWorkingDays } from "../shipping-method.ts";
import { findShipment, insertShipment, recordLabel } from "../store.ts";
import { stopLateLabel } from "../tasks/cancel-label.ts";

export async function createShipment(ctx: ShippingContext, request: CreateShipmentRequest, call: Call) {
  requireService(call);
  const { orderId, items } = request;
  if (!isUuid(orderId)) throw invalid([{ path: "orderId", message: "must be a UUID" }]);
  if (!request.address) throw invalid([{ path: "address", message: "is required" }]);
  const address = normalAddress(request.address);
  countItems(items);
  const parcel = { orderId, address, items, methodCode: request.methodCode };
  const { carrier } = ctx.provider;
  const trackingNumber = carrier
    ? await askCarrier(ctx, carrier, parcel, call)
    : await drawNumber(ctx, parcel, call);
  return { trackingNumber };
}

interface Parcel {
  readonly orderId: string;
  readonly address: AddressFields;
  readonly items: readonly ParcelItem[];
  readonly methodCode: string;
}

/** Parcel and number in one statement. */
async function drawNumber(ctx: ShippingContext, parcel: Parcel, call: Call): Promise<string> {
  const method = await requireMethod(ctx, parcel, call);
  for (;;) {
    const trackingNumber = newTrackingNumber(parcel.address);
    if (await tryInsert(ctx, parcel, method, { trackingNumber, carrier: null })) return trackingNumber;
    const existing = await findNumber(ctx, parcel.orderId, null);
    if (existing !== undefined) return existing;
  }
}

/** Written down first, then asked, then recorded; whoever repeats the call goes on where it ended. */
async function askCarrier(
  ctx: ShippingContext,
  carrier: Carrier,
  parcel: Parcel,
  call: Call,
): Promise<string> {
  const { orderId } = parcel;
  const known = await findNumber(ctx, orderId, carrier.name);
  if (known !== undefined) return known;
  const method = await requireMethod(ctx, parcel, call);
  if (!(await tryInsert(ctx, parcel, method, { trackingNumber: null, carrier: carrier.name }))) {
    const existing = await findNumber(ctx, orderId, carrier.name);
    if (existing !== undefined) return existing;
  }
  const { trackingNumber, status } = await carrier.createLabel(
    { ...parcel, methodCode: method.code },
    call.onward,
  );
  if (!isTrackingNumber(trackingNumber))
    throw new Error(
      `The carrier ${carrier.name} numbered a parcel "${trackingNumber}"; 8 to 40 capitals, digits and hyphens were expected.`,
    );
  if (status === "cancelled") throw shipmentCancelled(orderId);
  if (await recordLabel(ctx.db, orderId, trackingNumber)) return trackingNumber;
  const state = await findShipment(ctx.db, orderId);
  if (state?.status === "cancelled") await stopLateLabel(ctx, call, orderId);
  return (await findNumber(ctx, orderId, carrier.name)) ?? trackingNumber;
}

/** The number of the order's parcel. Undefined while it has none; throws when it never gets one, or nobody here can tell. */
async function findNumber(
  { db }: ShippingContext,
  orderId: string,
  carrier: string | null,
): Promise<string | undefined> {
  const existing = await findShipment(db, orderId);
  if (existing?.status === "cancelled") throw shipmentCancelled(orderId);
  if (existing?.trackingNumber) return existing.trackingNumber;
  if (existing?.carrier && existing.carrier !== carrier) throw carrierNotInUse(orderId, existing.carrier);
  return undefined;
}

async function requireMethod(
  ctx: ShippingContext,
  { address, items, methodCode }: Parcel,
  call: Call,
): Promise<ShippingMethod> {
  const methods = await ctx.quoteMethods({ address, items }, call.onward);
  const method = methods.find(({ code }) => methodCode === "" || code === methodCode);
  if (method) return method;
  const codes = methods.map(({ code }) => code).join(" or ");
  throw invalid([{ path: "methodCode", message: `must be ${codes}` }]);
}

/** False when the order has a parcel already, or another parcel has this number: the caller looks which. */
async function tryInsert(
  ctx: ShippingContext,
  parcel: Parcel,
  method: ShippingMethod,
  from: { readonly trackingNumber: string | null; readonly carrier: string | null },
): Promise<boolean> {
  const { fullName, line1, line2, city, region, postalCode, country, countryName = "" } = parcel.address;
  // Only parcels of the foreign contract may have no order.
  const freeText = parcel.address.freeText && countryName === "";
  try {
    return await insertShipment(ctx.db, {
      ...from,
      orderId: parcel.orderId,
      methodCode: method.code,
      methodName: method.name,
      country,
      address: { fullName, line1, line2, city, region, postalCode, country, freeText },
      items: parcel.items.map(({ productId, variantId, quantity }) => {
        return { productId, variantId, quantity: Number(quantity) };
      }),
      estimatedDeliveryOn: addWorkingDays(ctx.clock.now(), method.estimatedDays),
    });
  } catch (error) {
    if (brokenConstraint(error) === "shipments_tracking_number_key") return false;
    throw error;
  }
}
