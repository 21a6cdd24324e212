import { invalid } from "#platform/kit/errors.ts";
import { sum, times, zero, type Money } from "#platform/kit/money.ts";

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

/** What a cart needs to know of a variant. */
export interface KnownVariant {
  readonly productId: string;
  readonly productCode: string;
  readonly productSlug: string;
  readonly name: string;
  readonly imageUrl: string;
  readonly categories: readonly string[];
  readonly variantId: string;
  readonly price: Money;
  /** Nothing when it is gone. */
  readonly stockQuantity: bigint;
  /** Sold no more, though it still has a name and a picture. */
  readonly isGone: boolean;
}

export type Availability = "available" | "short" | "gone";

export function parseQuantity(quantity: number, min: 0 | 1): number {
  if (Number.isInteger(quantity) && quantity >= min && quantity <= quantityMax) return quantity;
  const message = `must be a whole number from ${min} to ${quantityMax}`;
  throw invalid([{ path: "quantity", message }]);
}

/** Looking is a touch, too; but it is written down at most so often in a cart's life: once an hour in seven days. */
export const touchesMax = 168;

export function touchIsDue(
  { expiresAt: endsAt }: StoredCart,
  { now, expiresAt }: { readonly now: Date; readonly expiresAt: Date },
): boolean {
  if (!endsAt || endsAt <= now) return false;
  return expiresAt.getTime() - endsAt.getTime() >= (expiresAt.getTime() - now.getTime()) / touchesMax;
}

/** The cart as it is at `now`: one that has expired is empty already, and counts that as a change. */
export function cartAt(cart: StoredCart, now: Date): StoredCart {
  if (!cart.expiresAt || cart.expiresAt > now) return cart;
  const version = cart.items.length > 0 ? cart.version + 1n : cart.version;
  return { version, expiresAt: null, items: [] };
}

/**
 * The items with names and prices of today, and what they cost together. What is gone stays where its owner put it, under its last
 * name, and costs nothing; so does what the catalogue does not remember at all.
 */
export function pricedItems(
  stored: readonly CartItem[],
  known: ReadonlyMap<string, KnownVariant>,
  currencyCode: string,
) {
  const items = stored.map((item) =>
    pricedItem(item, known.get(item.variantId) ?? forgotten(item, currencyCode)),
  );
  const currency = items[0]?.subtotal.currencyCode ?? currencyCode;
  const subtotal = sum(
    currency,
    items.map((item) => item.subtotal),
  );
  return { items, subtotal };
}

function pricedItem({ quantity }: CartItem, variant: KnownVariant) {
  const { price, categories, stockQuantity, isGone, ...names } = variant;
  return {
    ...names,
    categories: [...categories],
    quantity,
    unitPrice: price,
    subtotal: isGone ? zero(price.currencyCode) : times(price, quantity),
    availableQuantity: isGone ? 0n : stockQuantity,
    availability: availabilityOf(variant, quantity),
  };
}

function availabilityOf({ isGone, stockQuantity }: KnownVariant, quantity: number): Availability {
  if (isGone) return "gone";
  return stockQuantity < BigInt(quantity) ? "short" : "available";
}

function forgotten({ productId, variantId }: CartItem, currencyCode: string): KnownVariant {
  const names = { productCode: "", productSlug: "", name: "", imageUrl: "", categories: [] };
  return { ...names, productId, variantId, price: zero(currencyCode), stockQuantity: 0n, isGone: true };
}

/** Which limit of the account's cart left an item with the guest. */
export function limitOf({ variantId }: CartItem, account: readonly CartItem[]): "lines" | "quantity" {
  return account.some((item) => item.variantId === variantId) ? "quantity" : "lines";
}
