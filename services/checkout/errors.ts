import { refusals } from "#platform/kit/error-reasons.ts";

/** Every refusal this service makes itself; those of its neighbours pass through. */
export const errors = {
  CART_EMPTY: { kind: "precondition", meaning: "There is nothing in the cart to buy." },
  CHECKOUT_DISABLED: { kind: "unavailable", meaning: "The shop takes no orders right now." },
  CHECKOUT_INTERRUPTED: {
    kind: "unavailable",
    meaning: "The order was cut off before payment and undone; nothing was charged. Place it again.",
  },
  CHECKOUT_UNRESOLVED: {
    kind: "unavailable",
    meaning: "The order is still being confirmed; ask again with the same key or cart version.",
  },
  IDEMPOTENCY_KEY_REUSED: {
    kind: "precondition",
    meaning: "The key was used before with another request.",
  },
  ORDER_NOT_FOUND: { kind: "not_found", meaning: "There is no such order, or it is somebody else's." },
  PAYMENT_METHOD_UNSUPPORTED: {
    kind: "precondition",
    meaning: "The shop does not take payments in this way. GET /api/payments/method says how it does.",
  },
  PAYMENT_NOT_COMPLETED: {
    kind: "payment_required",
    meaning: "The payment was not completed in its time, or was given up. Nothing was charged; order again.",
  },
  PRODUCT_NOT_FOUND: { kind: "not_found", meaning: "A product of the request does not exist." },
  QUOTE_CHANGED: {
    kind: "conflict",
    meaning: "What was shown is no longer what it costs; the new quote is in the answer.",
  },
  QUOTE_NOT_FOUND: { kind: "not_found", meaning: "The quote does not exist or is somebody else's." },
  RATES_TOO_OLD: {
    kind: "unavailable",
    meaning: "The exchange rates are too old to sell at; buy in the shop's own currency, or later.",
  },
  REQUEST_IN_PROGRESS: {
    kind: "conflict",
    meaning: "A request with this key is still running; ask again after Retry-After.",
  },
  SHIPPING_METHOD_UNKNOWN: {
    kind: "invalid",
    meaning:
      "These goods cannot be sent to this address in that way; `shippingMethods` lists the ways there are.",
  },
  STOCK_INSUFFICIENT: { kind: "conflict", meaning: "There is not enough stock; details name the lines." },
} as const;

export type CheckoutReason = keyof typeof errors;

export const refusal = refusals(errors);
