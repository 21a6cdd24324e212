import { isUuid } from "#platform/kit/ids.ts";
import { invalid } from "#platform/kit/errors.ts";

/** A wanted line that cannot be had. */
export interface Shortage {
  readonly productId: string;
  readonly variantId: string;
  readonly requested: number;
  readonly available: number;
}

/** What one reservation wants: distinct variants, in id order. */
export interface Demand {
  readonly variantIds: string[];
  readonly quantities: bigint[];
}

export const stockMax = 1_000_000_000n;
const linesMax = 200;

/** Lines of one variant count as their sum. Throws `invalid` for lines that no checkout can mean. */
export function parseDemand(lines: readonly { variantId: string; quantity: bigint }[]): Demand {
  if (lines.length < 1 || lines.length > linesMax)
    throw invalid([{ path: "lines", message: `must have 1 to ${linesMax} entries` }]);
  const sums = new Map<string, bigint>();
  for (const [index, { variantId, quantity }] of lines.entries()) {
    if (!isUuid(variantId)) throw invalid([{ path: `lines[${index}].variantId`, message: "must be a UUID" }]);
    if (quantity < 1n || quantity > stockMax)
      throw invalid([{ path: `lines[${index}].quantity`, message: `must be from 1 to ${stockMax}` }]);
    sums.set(variantId, (sums.get(variantId) ?? 0n) + quantity);
  }
  const sorted = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return { variantIds: sorted.map(([id]) => id), quantities: sorted.map(([, sum]) => sum) };
}

export type StockChange = { case: "set"; value: bigint } | { case: "adjust"; value: bigint };

/** Stock on hand after an admin's change; the caller checks it against what is reserved. */
export function changedStock(onHand: bigint, change: StockChange): bigint {
  const after = change.case === "set" ? change.value : onHand + change.value;
  if (after > stockMax || (change.case === "set" && after < 0n))
    throw invalid([{ path: change.case, message: `must leave a stock from 0 to ${stockMax}` }]);
  return after;
}

/** Reservation ids are any short printable text; anything else cannot have been chosen by a checkout. */
export function parseReservationId(id: string): string {
  if (!/^[\x21-\x7e]{1,128}$/.test(id))
    throw invalid([
      { path: "reservationId", message: "must be 1 to 128 printable characters without spaces" },
    ]);
  return id;
}
