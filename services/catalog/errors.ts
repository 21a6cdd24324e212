import { refusals } from "#platform/kit/error-reasons.ts";
import { invalid, type AppError } from "#platform/kit/errors.ts";
import type { Shortage } from "./stock.ts";

/** Every refusal of this service: its kind and what its caller reads. */
export const errors = {
  PRODUCT_NOT_FOUND: { kind: "not_found", meaning: "There is no such product." },
  VARIANT_NOT_FOUND: { kind: "not_found", meaning: "The product has no such variant." },
  PRODUCT_CHANGED: {
    kind: "stale",
    meaning:
      "The product was edited since you read it. Read it again and make your change to what it is now.",
  },
  PRODUCT_CODE_TAKEN: {
    kind: "conflict",
    meaning: "Another product has this code already. Choose another one.",
  },
  PRODUCT_SLUG_TAKEN: {
    kind: "conflict",
    meaning: "Another product has this slug already. Choose another one.",
  },
  SKU_TAKEN: { kind: "conflict", meaning: "A variant of another product has one of these SKUs already." },
  STOCK_RESERVED: {
    kind: "conflict",
    meaning: "Stock on hand would fall below what checkouts have reserved.",
  },
  STOCK_INSUFFICIENT: {
    kind: "conflict",
    meaning: "Less is in stock than is wanted; details.lines tells of what.",
  },
  RESERVATION_ENDED: { kind: "conflict", meaning: "The reservation was released or has expired." },
  FILE_NOT_FOUND: { kind: "not_found", meaning: "The shop keeps no file of this name." },
  FILE_TOO_LARGE: { kind: "too_large", meaning: "The file is larger than 1 MiB." },
  FILE_TYPE_UNSUPPORTED: {
    kind: "media_type",
    meaning: "The file is no PNG, JPEG, WebP, AVIF or GIF picture, or another one than its media type says.",
  },
  FILES_UNAVAILABLE: {
    kind: "unavailable",
    meaning: "Files can be neither kept nor fetched right now. Try again in a moment.",
  },
  SEARCH_ENGINE_ABSENT: {
    kind: "precondition",
    meaning:
      "The catalogue searches in its own database, which is always up to date: CATALOG_SEARCH names no engine.",
  },
  CATEGORY_NOT_FOUND: { kind: "not_found", meaning: "There is no such category." },
  CATEGORY_SLUG_TAKEN: {
    kind: "conflict",
    meaning: "Another category has this slug already. Choose another one.",
  },
  CATEGORY_NAME_TAKEN: {
    kind: "conflict",
    meaning:
      "Another category at the same place is called so already. Choose another name or another parent.",
  },
  CATEGORY_CYCLE: {
    kind: "conflict",
    meaning: "A category cannot be moved below itself or below one that is below it.",
  },
  CATEGORY_IN_USE: {
    kind: "conflict",
    meaning: "Products are in this category and in no other one. Put them into another one first.",
  },
  RESERVATION_NOT_FOUND: { kind: "not_found", meaning: "There is no such reservation." },
} as const;

export const refusal = refusals(errors);

export function stockInsufficient(lines: readonly Shortage[]): AppError {
  return refusal("STOCK_INSUFFICIENT", {
    publicMessage: "Not enough is in stock any more.",
    details: { lines },
  });
}

/** A unique index that a write ran into, as a refusal; undefined for any other failure. */
export function takenRefusal(constraint: string | undefined): AppError | undefined {
  switch (constraint) {
    case "products_code":
      return refusal("PRODUCT_CODE_TAKEN");
    case "products_slug":
      return refusal("PRODUCT_SLUG_TAKEN");
    case "product_variants_sku":
      return refusal("SKU_TAKEN");
    default:
      return undefined;
  }
}

export function invalidField(path: string, message: string): AppError {
  return invalid([{ path, message }]);
}
