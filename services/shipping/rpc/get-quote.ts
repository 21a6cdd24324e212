import type { GetQuoteRequest } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { requireAddress } from "../address.ts";
import type { ShippingContext } from "../context.ts";
import { countItems } from "../parcel.ts";
import { quoteMethods, zoneOf } from "../shipping-method.ts";

export async function getQuote({ originCountry, rates }: ShippingContext, request: GetQuoteRequest) {
  // public: costs are shown to everyone
  const { address, items } = request;
  const itemCount = countItems(items);
  if (address) requireAddress(address);
  return await Promise.resolve({ methods: quoteMethods(rates, zoneOf(address, originCountry), itemCount) });
}
