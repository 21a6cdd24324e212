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
} as const;

export const refusal = refusals(errors);

/** Ids of actors are UUIDs; there is no cart of anything else. */
export function parseActorId(userId: string): string {
  if (!isUuid(userId)) throw refusal("CART_NOT_FOUND");
  return userId;
}
