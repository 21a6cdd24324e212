import {
  ShippingService,
  type Address,
  type GetQuoteRequest,
  type ShipOrderRequest,
} from "#gen/hipstershop/demo_pb.js";
import { CreateShipmentRequestSchema } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { AddressSchema } from "#gen/stoa/type/v1/address_pb.js";
import { create } from "@bufbuild/protobuf";
import { invalid } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { asService, bindRpcs, type Call } from "#platform/rpc/contract.ts";
import { toUnitsMoney } from "#platform/kit/units-money.ts";
import type { ShippingContext } from "./context.ts";
import { createShipment } from "./rpc/create-shipment.ts";

/** The shipping service of the Online Boutique's contract. Public: it has no identity to ask for. */
export function hipsterShipping(ctx: ShippingContext) {
  return bindRpcs(ShippingService, ctx, { getQuote, shipOrder });
}

async function getQuote(ctx: ShippingContext, { address, items }: GetQuoteRequest, call: Call) {
  const parcel = {
    address: create(AddressSchema, address ? freeTextAddress(address) : { freeText: true }),
    items: items.map(({ productId, quantity }) => ({ productId, variantId: "", quantity: BigInt(quantity) })),
  };
  const [cheapest] = await ctx.quoteMethods(parcel, call.onward);
  return cheapest ? { costUsd: toUnitsMoney(cheapest.cost) } : {};
}

async function shipOrder(ctx: ShippingContext, { address, items }: ShipOrderRequest, call: Call) {
  if (!address) throw invalid([{ path: "address", message: "is required" }]);
  const request = create(CreateShipmentRequestSchema, {
    // The contract has no key by which a repeat could be known: every call is a parcel of its own.
    orderId: newId(),
    address: freeTextAddress(address),
    items: items.map(({ productId, quantity }) => ({ productId, quantity: BigInt(quantity) })),
  });
  const { trackingNumber } = await createShipment(ctx, request, asService(call, "hipstershop"));
  return { trackingId: trackingNumber };
}

function freeTextAddress({ streetAddress, city, state, country, zipCode }: Address) {
  return { line1: streetAddress, city, region: state, country, postalCode: String(zipCode), freeText: true };
}
