import type { VariantItem } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Call } from "#platform/rpc/contract.ts";
import { cartAt, pricedItems, type OnSale, type StoredCart } from "./cart.ts";
import { cartTimes, type CartContext } from "./context.ts";
import { extendCart, findCart } from "./store.ts";

export interface Shown {
  readonly userId: string;
  readonly stored: StoredCart | undefined;
  /** Variants the caller has asked about already. */
  readonly known?: readonly OnSale[];
}

/** The cart as its owner sees it. Names and prices are the catalogue's of this moment, asked for in one call. */
export async function viewCart(ctx: CartContext, { userId, stored, known = [] }: Shown, call: Call) {
  const { now, expiresAt } = cartTimes(ctx);
  const cart = cartAt(stored ?? { version: 0n, expiresAt: null, items: [] }, now);
  const knownIds = new Set(known.map(({ variantId }) => variantId));
  const unknown = cart.items.filter(({ variantId }) => !knownIds.has(variantId));
  const asked = unknown.length > 0 ? await listOnSale(ctx, unknown, call) : [];
  const onSale = new Map([...known, ...asked].map((variant) => [variant.variantId, variant]));
  return {
    userId,
    version: cart.version,
    ...pricedItems(cart.items, onSale, ctx.baseCurrency),
    expiresAt: timestampFromDate(cart.expiresAt ?? expiresAt),
  };
}

/** The stored cart. Looking is a touch, too; but it is written down once in a seventh of a cart's life at most. */
export async function touchCart(ctx: CartContext, userId: string): Promise<StoredCart | undefined> {
  const cart = await findCart(ctx.db, userId);
  if (!cart?.expiresAt) return cart;
  const { now, expiresAt } = cartTimes(ctx);
  const sinceMs = expiresAt.getTime() - cart.expiresAt.getTime();
  if (cart.expiresAt <= now || sinceMs < (ctx.config.CART_EXPIRY_SECONDS * 1000) / 7) return cart;
  await extendCart(ctx.db, userId, { now, expiresAt });
  return { ...cart, expiresAt };
}

/** What is on sale of what is asked for. */
export async function listOnSale(
  ctx: CartContext,
  refs: readonly { productId: string; variantId: string }[],
  call: Call,
): Promise<OnSale[]> {
  const wanted = refs.map(({ productId, variantId }) => ({ productId, variantId }));
  const { items } = await ctx.clients.catalog.getVariants({ refs: wanted }, call.onward);
  return items.flatMap((item) => onSaleOf(item) ?? []);
}

function onSaleOf(item: VariantItem): OnSale | undefined {
  const { productId, productCode, productSlug, name, imageUrl, categories, variant } = item;
  if (!variant?.price) return undefined;
  const { id: variantId, price } = variant;
  return { productId, productCode, productSlug, name, imageUrl, categories, variantId, price };
}
