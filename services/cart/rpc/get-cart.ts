import type { GetCartRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { StoredCart } from "../cart.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { cartNotFound, parseActorId } from "../errors.ts";
import { extendCart, findCart } from "../store.ts";
import { viewCart } from "../view.ts";

export async function getCart(ctx: CartContext, request: Omit<GetCartRequest, "$typeName">, call: Call) {
  requireOwner(call, request.userId, cartNotFound);
  const userId = parseActorId(request.userId);
  const cart = await findCart(ctx.db, userId);
  return { cart: await viewCart(ctx, { userId, stored: await touched(ctx, userId, cart) }, call) };
}

/** Looking is a touch, too; but it is written down once in a seventh of a cart's life at most. */
async function touched(ctx: CartContext, userId: string, cart: StoredCart | undefined) {
  if (!cart?.expiresAt) return cart;
  const { now, expiresAt } = cartTimes(ctx);
  const sinceMs = expiresAt.getTime() - cart.expiresAt.getTime();
  if (cart.expiresAt <= now || sinceMs < (ctx.config.CART_EXPIRY_SECONDS * 1000) / 7) return cart;
  await extendCart(ctx.db, userId, { now, expiresAt });
  return { ...cart, expiresAt };
}
