// What is bought, for whom, and what it costs: frozen before anything happens, and everything later steps need.
import { createHash } from "node:crypto";
import type { Money } from "#platform/kit/money.ts";
import type { Price, PricedLine } from "./pricing.ts";

export interface ShippingAddress {
  readonly fullName: string;
  readonly line1: string;
  readonly line2: string;
  readonly city: string;
  readonly region: string;
  readonly postalCode: string;
  readonly country: string;
  readonly freeText: boolean;
  /** What was written for the country, where it was no code. */
  readonly countryName?: string;
}

export interface Purchase extends Price {
  readonly userId: string;
  readonly email: string;
  readonly currencyCode: string;
  readonly address: ShippingAddress;
  readonly shippingMethodCode: string;
  /** For people. Empty in what the release before has kept. */
  readonly shippingMethodName: string;
  readonly rateSnapshotId: string;
  /** Undefined when the request names its items. */
  readonly cartVersion: bigint | undefined;
  /** Whose cart holds the goods by now, where a guest has signed in since. */
  readonly cartUserId?: string;
}

/**
 * Names everything a buyer sees on the confirm step: lines, prices, shipping, tax, total, currency. Two purchases with the
 * same fingerprint cost the same for the same goods.
 */
export function fingerprintOf({
  lines,
  discount,
  shippingCost,
  tax,
  total,
  shippingMethodCode,
}: Purchase): string {
  const shown = [
    ...lines.map((line) => [line.variantId, line.quantity, shownMoney(line.unitPrice)]),
    [discount, shippingCost, tax, total].map(shownMoney),
    shippingMethodCode,
  ];
  return createHash("sha256").update(JSON.stringify(shown)).digest("base64url");
}

function shownMoney(amount: Money): string {
  return `${amount.minor} ${amount.currencyCode}`;
}

/** What goes into jsonb: amounts as text, because JSON numbers lose digits. */
export function purchaseToJson(purchase: Purchase): string {
  return JSON.stringify(purchase, (_key, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
}

/** The inverse of purchaseToJson. */
export function purchaseFromJson(stored: unknown): Purchase {
  const kept = revive(stored) as Omit<Purchase, "shippingMethodName"> & { shippingMethodName?: string };
  return { ...kept, shippingMethodName: kept.shippingMethodName ?? "" };
}

function revive(value: unknown): unknown {
  if (typeof value === "string" && /^-?\d+n$/.test(value)) return BigInt(value.slice(0, -1));
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      bigintKeys.has(key) ? revive(inner) : isContainer(inner) ? revive(inner) : inner,
    ]),
  );
}

/** Only these hold amounts: an address line may well read "12n". */
const bigintKeys = new Set(["minor", "cartVersion"]);

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** The goods as other services want them. */
export function stockLines(lines: readonly PricedLine[]) {
  return lines.map(({ variantId, quantity }) => ({ variantId, quantity: BigInt(quantity) }));
}

export function parcelItems(lines: readonly PricedLine[]) {
  return lines.map(({ productId, variantId, quantity }) => ({
    productId,
    variantId,
    quantity: BigInt(quantity),
  }));
}

/** What the cart loses to a checkout. */
export function consumptionOf(checkoutId: string, { userId, cartUserId, lines }: Purchase) {
  const items = lines.map(({ variantId, quantity }) => ({ variantId, quantity }));
  return { userId: cartUserId ?? userId, orderId: checkoutId, items };
}
