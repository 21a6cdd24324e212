import { appError, invalid, type AppError } from "#platform/kit/errors.ts";
import type { Shortage } from "./stock.ts";

export const errors = {
  PRODUCT_NOT_FOUND: { kind: "not_found", meaning: "No product on sale has this id, code or slug." },
  VARIANT_NOT_FOUND: { kind: "not_found", meaning: "The product has no variant with this id." },
  PRODUCT_CODE_TAKEN: { kind: "conflict", meaning: "Another product has this code." },
  PRODUCT_SLUG_TAKEN: { kind: "conflict", meaning: "Another product has this slug." },
  SKU_TAKEN: { kind: "conflict", meaning: "A variant of another product has this SKU." },
  STOCK_RESERVED: {
    kind: "conflict",
    meaning: "Stock on hand would fall below what checkouts have reserved.",
  },
  STOCK_INSUFFICIENT: {
    kind: "conflict",
    meaning: "Less is in stock than is wanted; details.lines tells of what.",
  },
  RESERVATION_ENDED: { kind: "conflict", meaning: "The reservation was released or has expired." },
  RESERVATION_NOT_FOUND: { kind: "not_found", meaning: "No reservation has this id." },
} as const;

type Reason = keyof typeof errors;

export function refusal(reason: Reason, publicMessage: string): AppError {
  return appError(errors[reason].kind, reason, { publicMessage });
}

export function productNotFound(): AppError {
  return refusal("PRODUCT_NOT_FOUND", "There is no such product.");
}

export function stockInsufficient(lines: readonly Shortage[]): AppError {
  return appError("conflict", "STOCK_INSUFFICIENT", {
    publicMessage: "Not enough is in stock any more.",
    details: { lines },
  });
}

/** A unique index that a write ran into, as a refusal; undefined for any other failure. */
export function takenRefusal(constraint: string | undefined): AppError | undefined {
  switch (constraint) {
    case "products_code":
      return refusal("PRODUCT_CODE_TAKEN", "Another product has this code already. Choose another one.");
    case "products_slug":
      return refusal("PRODUCT_SLUG_TAKEN", "Another product has this slug already. Choose another one.");
    case "product_variants_sku":
      return refusal("SKU_TAKEN", "A variant of another product has one of these SKUs already.");
    default:
      return undefined;
  }
}

export function invalidField(path: string, message: string): AppError {
  return invalid([{ path, message }]);
}
