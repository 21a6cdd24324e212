import { refusals } from "#platform/kit/error-reasons.ts";

/** Every refusal the gateway makes itself; those of the services pass through. */
export const errors = {
  ROUTE_NOT_FOUND: { kind: "not_found", meaning: "There is nothing at this path." },
  METHOD_NOT_ALLOWED: {
    kind: "method_not_allowed",
    meaning: "The path does not answer this method; Allow names those it does.",
  },
  NOT_FOUND: { kind: "not_found", meaning: "There is no such thing." },
  USER_NOT_FOUND: { kind: "not_found", meaning: "There is no such user, or it is not you." },
  PRODUCT_NOT_FOUND: { kind: "not_found", meaning: "One of the products is not sold here." },
  ACCOUNT_REQUIRED: { kind: "forbidden", meaning: "A guest has no account to change." },
  BODY_MALFORMED: { kind: "invalid", meaning: "The body is not JSON that can be read safely." },
  PAYLOAD_TOO_LARGE: {
    kind: "too_large",
    meaning: "The body is larger than it may be: 64 KiB, a file 1 MiB.",
  },
  MEDIA_TYPE_UNSUPPORTED: {
    kind: "media_type",
    meaning: "Send the body as application/json, a file as what it is, not compressed.",
  },
  RATES_UNAVAILABLE: {
    kind: "unavailable",
    meaning: "Prices cannot be converted right now. Ask in the shop's own currency, or again in a moment.",
  },
  MAINTENANCE: {
    kind: "unavailable",
    meaning: "The shop is closed for maintenance. Come back in a few minutes.",
  },
  STOREFRONT_UNREACHABLE: {
    kind: "unavailable",
    meaning: "The pages of the shop cannot be reached right now. Try again in a moment.",
  },
} as const;

export type GatewayReason = keyof typeof errors;

export const refusal = refusals(errors);
