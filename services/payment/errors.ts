import { refusals } from "#platform/kit/error-reasons.ts";

/** Every refusal of this service: its kind, what it means, and what its caller reads. */
export const errors = {
  CARD_INVALID: { kind: "precondition", meaning: "The card's number, brand, expiry or code cannot be." },
  CARD_DECLINED: { kind: "payment_required", meaning: "The bank declined the card. Use another one." },
  FUNDS_INSUFFICIENT: {
    kind: "payment_required",
    meaning: "The card does not have enough funds. Use another one.",
  },
  PAYMENT_UNAVAILABLE: {
    kind: "unavailable",
    meaning: "The payment provider failed and nothing is held on the card. Try again in a moment.",
    retryAfterSeconds: 2,
  },
  PAYMENT_METHOD_UNSUPPORTED: {
    kind: "precondition",
    meaning: "The shop does not take payments in this way. GET /api/payments/method says how it does.",
  },
  PAYMENT_NOT_AUTHORIZED: { kind: "conflict", meaning: "Nothing is held for this payment yet." },
  PAYMENT_PROVIDER_OTHER: {
    kind: "precondition",
    meaning: "The payment was made with another payment provider than the shop uses now. Look into it there.",
  },
  PAYMENT_CANCELLED: { kind: "conflict", meaning: "The payment was cancelled and cannot go on." },
  PAYMENT_ID_TAKEN: {
    kind: "conflict",
    meaning: "This payment id already stands for another amount or order.",
  },
  CALLBACK_INVALID: {
    kind: "unauthenticated",
    meaning:
      "The callback is not signed with the payment provider's key, or its signature is older than five minutes.",
  },
  PAYMENT_NOT_FOUND: { kind: "not_found", meaning: "There is no payment with this id." },
  REFUND_EXCEEDS_CAPTURED: {
    kind: "conflict",
    meaning: "The refund is more than what was captured and is not yet given back.",
  },
  REFUND_ID_TAKEN: {
    kind: "conflict",
    meaning: "This refund id already stands for another amount or payment.",
  },
} as const;

export const refusal = refusals(errors);
