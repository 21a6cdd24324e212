// Somebody else's shipping service: one way to send, one quote, one call that books a parcel, and no way back.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import {
  AdvanceShipmentResponseSchema,
  CancelShipmentResponseSchema,
  CreateShipmentResponseSchema,
  GetQuoteResponseSchema,
  ShippingService,
  type ParcelItemSchema,
} from "#gen/stoa/shipping/v1/shipping_pb.js";
import type { AddressSchema } from "#gen/stoa/type/v1/address_pb.js";
import { SingleActs } from "#platform/database/single-acts.ts";
import { appError } from "#platform/kit/errors.ts";
import { defineForeignNeighbour, type ForeignKit } from "#platform/kit/foreign-neighbour.ts";
import { fromUnitsMoney } from "#platform/kit/units-money.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";

type Kit = ForeignKit<typeof hipstershop.ShippingService>;
type Booked = { readonly trackingNumber: string } | { readonly cancelled: true };

export const foreignShipping = defineForeignNeighbour({
  ours: ShippingService,
  theirs: hipstershop.ShippingService,
  translate: (kit) => ({
    getQuote: async ({ address, items = [] }, options) => {
      const asked = { ...(address && { address: theirAddress(address) }), items: theirItems(items) };
      const { costUsd } = await kit.theirs.getQuote(asked, withoutPeople(options));
      const cost = fromUnitsMoney(
        {
          currencyCode: costUsd?.currencyCode || kit.currency,
          units: costUsd?.units ?? 0n,
          nanos: costUsd?.nanos ?? 0,
        },
        "costUsd",
      );
      if (cost.currencyCode !== kit.currency)
        throw appError("unavailable", "SHOP_DISAGREES", {
          publicMessage: `The shipping service quotes in ${cost.currencyCode}, but the shop's base currency is ${kit.currency}.`,
        });
      const methods = [{ code: "standard", name: "Standard shipping", cost }];
      return create(GetQuoteResponseSchema, { methods, ...(address && { address }) });
    },
    createShipment: async (request, options) => await book(kit, request, options),
    cancelShipment: async ({ orderId = "" }) => {
      const state = kit.caller === bookedBy ? await acts(kit).bar(orderId, { cancelled: true }) : "unknown";
      if (state === "unknown" || state === "ours" || "trackingNumber" in state.outcome)
        kit.log.error(
          { orderId, ...(typeof state === "object" && state.outcome) },
          "The shipping service has no way to stop a parcel. If one was booked for this order, call it back by hand.",
        );
      return create(CancelShipmentResponseSchema);
    },
    // What becomes of the parcel is known there.
    advanceShipment: () => Promise.resolve(create(AdvanceShipmentResponseSchema)),
    trackShipment: () =>
      Promise.reject(
        appError("not_found", "TRACKING_NUMBER_NOT_FOUND", {
          publicMessage: "This shop's parcels are followed at the carrier.",
        }),
      ),
  }),
});

/** The service that books parcels, and keeps what it has booked. */
const bookedBy = "checkout";

function acts({ db }: Kit): SingleActs<Booked> {
  if (!db) throw new Error("A service without a database called for a parcel to be booked.");
  return new SingleActs<Booked>(db, "hipstershop.ship");
}

/** A parcel whose booking was cut off is booked again: the goods are paid for, and nobody can ask whether it is there. */
async function book(
  kit: Kit,
  request: MessageInitShape<(typeof ShippingService.method.createShipment)["input"]>,
  options: CallOptions | undefined,
) {
  const { orderId = "", address, items = [] } = request;
  const booked = acts(kit);
  const state = await booked.begin(orderId);
  if (typeof state === "object") {
    if ("cancelled" in state.outcome)
      throw appError("conflict", "SHIPMENT_CANCELLED", { publicMessage: "The shipment was cancelled." });
    return create(CreateShipmentResponseSchema, state.outcome);
  }
  if (state === "unknown")
    kit.log.warn({ orderId }, "A parcel may be booked twice: what came of the first try is not known.");
  const asked = { address: theirAddress(address ?? {}), items: theirItems(items) };
  const { trackingId } = await kit.theirs.shipOrder(asked, withoutPeople(options));
  await booked.end(orderId, { trackingNumber: trackingId });
  return create(CreateShipmentResponseSchema, { trackingNumber: trackingId });
}

function theirAddress(address: MessageInitShape<typeof AddressSchema>) {
  const {
    line1 = "",
    line2 = "",
    city = "",
    region = "",
    country = "",
    countryName = "",
    postalCode = "",
  } = address;
  const digits = /^\d{1,9}$/.test(postalCode) ? Number(postalCode) : 0;
  return {
    streetAddress: [line1, line2].filter((line) => line !== "").join(", "),
    city,
    state: region,
    country: countryName || country,
    zipCode: digits,
  };
}

function theirItems(items: readonly MessageInitShape<typeof ParcelItemSchema>[]) {
  return items.map(({ productId = "", quantity = 0n }) => ({ productId, quantity: Number(quantity) }));
}

/** Neither token nor address of whoever buys leaves the shop. */
function withoutPeople({ timeoutMs, scope, requestId, trace }: CallOptions = {}): CallOptions {
  return { timeoutMs, scope, requestId, trace };
}
