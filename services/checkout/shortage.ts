// Lines that cannot be bought because there is too little of them, or nothing any more: pure.
import { isReason, type AppError } from "#platform/kit/errors.ts";
import { refusal } from "./errors.ts";
import type { Purchase } from "./purchase.ts";

/** A line of which less is there than is wanted; nothing of what is gone. */
export interface ShortLine {
  readonly productId: string;
  readonly variantId: string;
  /** As it is, or was last, called. */
  readonly name: string;
  readonly requested: number;
  readonly available: number;
}

/** Names every short line to programs, and the first of them to people. */
export function stockInsufficient(lines: readonly ShortLine[]): AppError {
  const named = lines.slice(0, namedMax).map(({ name, requested, available }) => {
    const left = available > 0 ? `${available} left` : "none left";
    return `${name === "" ? "a product that is no more" : `“${name}”`} (${requested} wanted, ${left})`;
  });
  const more = lines.length > namedMax ? ` and ${lines.length - namedMax} more` : "";
  return refusal("STOCK_INSUFFICIENT", {
    publicMessage: `There is not enough of ${named.join(", ")}${more}. Nothing was bought.`,
    details: { lines: lines.map((line) => ({ ...line })) },
  });
}

const namedMax = 3;

/** What the catalogue says of variants only, with the names of the purchase; any other error as it is. */
export function namingShortLines(error: unknown, { lines }: Pick<Purchase, "lines">): unknown {
  if (!isReason(error, "STOCK_INSUFFICIENT")) return error;
  const shortages = error.details["lines"];
  if (!Array.isArray(shortages)) return error;
  const bought = new Map(lines.map((line) => [line.variantId, line]));
  const short = shortages.flatMap((shortage: Partial<ShortLine>) => {
    const line = bought.get(shortage.variantId ?? "");
    if (!line) return [];
    const { productId, variantId, name, quantity } = line;
    return [
      { productId, variantId, name, requested: quantity, available: Math.max(0, shortage.available ?? 0) },
    ];
  });
  return short.length === 0 ? error : stockInsufficient(short);
}
