import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Call } from "#platform/rpc/contract.ts";
import { cartAt, limitOf, pricedItems, type CartItem, type KnownVariant, type StoredCart } from "./cart.ts";
import { cartTimes, type CartContext } from "./context.ts";
import type { MergeOutcome } from "./carts.ts";
import type { ShownVariants } from "./variants.ts";

export interface Shown {
  readonly userId: string;
  readonly stored: StoredCart | undefined;
  /** Variants the caller has asked about already. */
  readonly known?: readonly KnownVariant[];
}

/** The cart as its owner sees it. Names and prices are the catalogue's of this moment, asked for in one call, or the last known ones. */
export async function viewCart(ctx: CartContext, { userId, stored, known = [] }: Shown, call: Call) {
  const { now, expiresAt } = cartTimes(ctx);
  const cart = cartAt(stored ?? { version: 0n, expiresAt: null, items: [] }, now);
  const knownIds = new Set(known.map(({ variantId }) => variantId));
  const unknown = cart.items.filter(({ variantId }) => !knownIds.has(variantId));
  const asked = unknown.length > 0 ? await ctx.variants.listForShow(unknown, call) : { variants: [] };
  const variants = new Map([...known, ...asked.variants].map((variant) => [variant.variantId, variant]));
  return {
    userId,
    version: cart.version,
    ...pricedItems(cart.items, variants, ctx.baseCurrency),
    expiresAt: timestampFromDate(cart.expiresAt ?? expiresAt),
    ageSeconds: ageSecondsOf(asked),
  };
}

/** 0 for what is as of now. */
function ageSecondsOf({ ageMs }: Pick<ShownVariants, "ageMs">): bigint {
  return ageMs === undefined ? 0n : BigInt(Math.max(1, Math.round(ageMs / 1000)));
}

/** What a merge left with the guest, as people know it. */
export async function nameLeftItems(ctx: CartContext, { items, left }: MergeOutcome, call: Call) {
  if (left.length === 0) return [];
  const { variants } = await ctx.variants.listForShow(left, call);
  const names = new Map(variants.map(({ variantId, name }) => [variantId, name]));
  return left.map((item) => ({
    ...item,
    name: names.get(item.variantId) ?? "",
    limit: limitOf(item, items),
  }));
}

type Ref = Pick<CartItem, "productId" | "variantId">;

/** What is on sale of what is asked for. */
export async function listOnSale(
  ctx: CartContext,
  refs: readonly Ref[],
  call: Call,
): Promise<KnownVariant[]> {
  return await ctx.variants.listOnSale(refs, call);
}
