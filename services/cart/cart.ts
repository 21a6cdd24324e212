import { invalid } from "#platform/kit/errors.ts";
import { sum, times, type Money } from "#platform/kit/money.ts";

export const itemsMax = 100;
export const quantityMax = 99;

/** An item as it is stored: what and how many. What it is called and costs, only the catalogue says. */
export interface CartItem {
  readonly productId: string;
  readonly variantId: string;
  readonly quantity: number;
}

export interface StoredCart {
  readonly version: bigint;
  /** Null when nothing is in it that could expire. */
  readonly expiresAt: Date | null;
  readonly items: readonly CartItem[];
}

/** What a cart needs to know of a variant on sale. */
export interface OnSale {
  readonly productId: string;
  readonly productCode: string;
  readonly productSlug: string;
  readonly name: string;
  readonly imageUrl: string;
  readonly categories: readonly string[];
  readonly variantId: string;
  readonly price: Money;
}

export function parseQuantity(quantity: number, min: 0 | 1): number {
  if (Number.isInteger(quantity) && quantity >= min && quantity <= quantityMax) return quantity;
  const message = `must be a whole number from ${min} to ${quantityMax}`;
  throw invalid([{ path: "quantity", message }]);
}

/** The cart as it is at `now`: one that has expired is empty already, and counts that as a change. */
export function cartAt(cart: StoredCart, now: Date): StoredCart {
  if (!cart.expiresAt || cart.expiresAt > now) return cart;
  const version = cart.items.length > 0 ? cart.version + 1n : cart.version;
  return { version, expiresAt: null, items: [] };
}

/** The items with names and prices of today, and what they cost together. What is no longer on sale is left out. */
export function pricedItems(
  stored: readonly CartItem[],
  onSale: ReadonlyMap<string, OnSale>,
  currencyCode: string,
) {
  const items = stored.flatMap(({ variantId, quantity }) => {
    const variant = onSale.get(variantId);
    if (!variant) return [];
    const { price, categories, ...names } = variant;
    return [
      { ...names, categories: [...categories], quantity, unitPrice: price, subtotal: times(price, quantity) },
    ];
  });
  const currency = items[0]?.subtotal.currencyCode ?? currencyCode;
  const subtotal = sum(
    currency,
    items.map((item) => item.subtotal),
  );
  return { items, subtotal };
}
