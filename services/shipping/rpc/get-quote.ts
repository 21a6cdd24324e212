import type { GetQuoteRequest } from "#gen/stoa/shipping/v1/shipping_pb.js";
import type { Call } from "#platform/rpc/contract.ts";
import { normalAddress } from "../address.ts";
import type { ShippingContext } from "../context.ts";
import { countItems } from "../parcel.ts";

export async function getQuote(ctx: ShippingContext, { address, items }: GetQuoteRequest, call: Call) {
  // public: costs are shown to everyone
  countItems(items);
  const normal = address && normalAddress(address);
  const methods = [...(await ctx.quoteMethods({ address: normal, items }, call.onward))];
  return normal ? { methods, address: normal } : { methods };
}
