import type { GetQuoteRequest } from "#gen/stoa/shipping/v1/shipping_pb.js";
import type { Call } from "#platform/rpc/contract.ts";
import { requireAddress } from "../address.ts";
import type { ShippingContext } from "../context.ts";
import { countItems } from "../parcel.ts";

export async function getQuote(ctx: ShippingContext, { address, items }: GetQuoteRequest, call: Call) {
  // public: costs are shown to everyone
  countItems(items);
  if (address) requireAddress(address);
  return { methods: [...(await ctx.quoteMethods({ address, items }, call.onward))] };
}
