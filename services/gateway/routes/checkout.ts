import { endpoint } from "../endpoint.ts";
import { quoteJson } from "../present.ts";
import { Quote, QuoteRequest } from "../schemas/order.ts";
import { ref } from "../schemas/shapes.ts";

const createQuote = endpoint({
  id: "createQuote",
  method: "POST",
  path: "/api/checkout/quote",
  journey: "checkout",
  tag: "Checkout",
  summary: "Ask what a purchase would cost now",
  description: "Sent along with the order as `quoteId`, the quote makes sure that nothing else is charged.",
  access: "token",
  body: ref(QuoteRequest),
  status: 200,
  answer: Quote,
  refusals: {
    400: ["ADDRESS_INVALID", "CURRENCY_UNKNOWN", "SHIPPING_METHOD_UNKNOWN"],
    404: ["PRODUCT_NOT_FOUND"],
    409: ["STOCK_INSUFFICIENT"],
    422: ["CART_EMPTY"],
    503: ["CHECKOUT_DISABLED"],
  },
  run: async (ctx, { body, call }) => {
    const { quote } = await ctx.clients.checkout.createQuote(body, call);
    return quoteJson(quote);
  },
});

export const checkoutEndpoints = [createQuote];
