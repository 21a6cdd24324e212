import { appError, type AppError } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";

/** Every reason for which this service refuses. */
export const errors = {
  CART_NOT_FOUND: { kind: "not_found", meaning: "There is no such cart, or it is not yours." },
  CART_ITEM_NOT_FOUND: { kind: "not_found", meaning: "The cart does not contain this product." },
  PRODUCT_NOT_FOUND: { kind: "not_found", meaning: "No product on sale has this id, code or slug." },
  CART_LINE_LIMIT: { kind: "precondition", meaning: "A cart holds at most 100 different products." },
  CART_QUANTITY_LIMIT: { kind: "precondition", meaning: "A cart holds at most 99 of each product." },
} as const;

function refusal(reason: keyof typeof errors, publicMessage: string): AppError {
  return appError(errors[reason].kind, reason, { publicMessage });
}

export function cartNotFound(): AppError {
  return refusal("CART_NOT_FOUND", "There is no such cart.");
}

export function itemNotFound(): AppError {
  return refusal("CART_ITEM_NOT_FOUND", "The cart does not contain this product.");
}

export function productNotFound(): AppError {
  return refusal("PRODUCT_NOT_FOUND", "There is no such product.");
}

export function lineLimit(): AppError {
  return refusal("CART_LINE_LIMIT", "The cart is full: it holds at most 100 different products.");
}

export function quantityLimit(): AppError {
  return refusal("CART_QUANTITY_LIMIT", "The cart holds at most 99 of each product.");
}

/** Ids of actors are UUIDs; there is no cart of anything else. */
export function parseActorId(userId: string): string {
  if (!isUuid(userId)) throw cartNotFound();
  return userId;
}
