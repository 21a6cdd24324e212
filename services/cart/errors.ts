import { refusals } from "#platform/kit/error-reasons.ts";
import { isUuid } from "#platform/kit/ids.ts";

/** Every refusal of this service: its kind and what its caller reads. */
export const errors = {
  CART_NOT_FOUND: { kind: "not_found", meaning: "There is no such cart, or it is not yours." },
  CART_ITEM_NOT_FOUND: { kind: "not_found", meaning: "The cart does not contain this product." },
  PRODUCT_NOT_FOUND: { kind: "not_found", meaning: "There is no such product." },
  CART_LINE_LIMIT: {
    kind: "precondition",
    meaning: "The cart is full: it holds at most 100 different products.",
  },
  CART_QUANTITY_LIMIT: { kind: "precondition", meaning: "The cart holds at most 99 of each product." },
  CART_STORE_UNAVAILABLE: {
    kind: "unavailable",
    meaning: "Carts cannot be reached right now. What is in them is kept; try again in a moment.",
    retryAfterSeconds: 2,
  },
  CART_STORE_SLOW: {
    kind: "unavailable",
    meaning:
      "Carts answer too slowly. A change that was under way may have been made: look at the cart before repeating it.",
    retryAfterSeconds: 2,
  },
  CART_STORE_FULL: {
    kind: "unavailable",
    meaning:
      "Carts can be looked at, but the place they are kept in is full, so nothing can be changed right now.",
    retryAfterSeconds: 10,
  },
  CART_STORE_READ_ONLY: {
    kind: "unavailable",
    meaning: "Carts can be looked at, but not changed right now. Try again in a moment.",
    retryAfterSeconds: 2,
  },
  CART_MOVED: {
    kind: "unavailable",
    meaning: "The cart is being moved to another store; it is whole. Try again in a moment.",
    retryAfterSeconds: 1,
  },
} as const;

export const refusal = refusals(errors);

/** Why an addition was refused, by what the store calls it. */
export function limitRefusal(outcome: string) {
  return refusal(outcome === "quantity-limit" ? "CART_QUANTITY_LIMIT" : "CART_LINE_LIMIT");
}

/** Ids of actors are UUIDs; there is no cart of anything else. */
export function parseActorId(userId: string): string {
  if (!isUuid(userId)) throw refusal("CART_NOT_FOUND");
  return userId;
}
