import type { Static } from "@fastify/type-provider-typebox";
import type { CallOptions } from "#platform/rpc/contract.ts";
import type { GatewayContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { endpoint } from "../endpoint.ts";
import { moneyJson, priceView } from "../money.ts";
import { trackingJson } from "../present.ts";
import type { PurchaseItem } from "../schemas/cart.ts";
import { ShippingQuote, ShippingQuoteRequest, Tracking } from "../schemas/order.ts";
import { ref } from "../schemas/shapes.ts";

const quoteShipping = endpoint({
  id: "quoteShipping",
  method: "POST",
  path: "/api/shipping/quote",
  journey: "browse",
  tag: "Shipping",
  summary: "Ask what shipping would cost",
  access: "anyone",
  body: ref(ShippingQuoteRequest),
  status: 200,
  answer: ShippingQuote,
  refusals: { 400: ["ADDRESS_INVALID", "CURRENCY_UNKNOWN"], 404: ["PRODUCT_NOT_FOUND"] },
  run: async (ctx, { body, serviceCall }) => {
    const items = await knownItems(ctx, body.items, serviceCall);
    const request = { address: body.shippingAddress, items };
    const { methods } = await ctx.clients.shipping.getQuote(request, serviceCall);
    const costs = methods.map(({ cost }) => cost);
    const show = await priceView(ctx, body.currencyCode, costs, serviceCall);
    return {
      methods: methods.map(({ code, name, cost, estimatedDays }) => ({
        code,
        name,
        cost: moneyJson(show(cost)),
        estimatedDays,
      })),
    };
  },
});

/** Only what is sold can be shipped. */
async function knownItems(
  ctx: GatewayContext,
  wanted: readonly Static<typeof PurchaseItem>[],
  call: CallOptions,
) {
  const refs = wanted.map(({ productId, variantId = "" }) => ({ productId, variantId }));
  const { items } = await ctx.clients.catalog.getVariants({ refs }, call);
  const found = new Map(items.map((item) => [`${item.ref?.productId} ${item.ref?.variantId}`, item]));
  return wanted.map(({ productId, variantId = "", quantity }) => {
    const item = found.get(`${productId} ${variantId}`);
    if (!item) {
      throw refusal("PRODUCT_NOT_FOUND", { details: { productId } });
    }
    return { productId: item.productId, variantId: item.variant?.id ?? "", quantity: BigInt(quantity) };
  });
}

const trackShipment = endpoint({
  id: "trackShipment",
  method: "GET",
  path: "/api/shipping/track/:trackingNumber",
  journey: "orders",
  tag: "Shipping",
  summary: "Follow a parcel",
  description: "Whoever has the number may look.",
  access: "anyone",
  status: 200,
  answer: Tracking,
  refusals: { 404: ["TRACKING_NUMBER_NOT_FOUND"] },
  run: async (ctx, { param, serviceCall }) => {
    const trackingNumber = param("trackingNumber");
    return trackingJson(await ctx.clients.shipping.trackShipment({ trackingNumber }, serviceCall));
  },
});

export const shippingEndpoints = [quoteShipping, trackShipment];
