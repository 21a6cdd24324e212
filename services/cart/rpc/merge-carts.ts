import type { MergeCartsRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId } from "../errors.ts";
import { nameLeftItems, viewCart } from "../view.ts";

export async function mergeCarts(ctx: CartContext, request: MergeCartsRequest, call: Call) {
  requireService(call);
  const from = parseActorId(request.fromUserId);
  const to = parseActorId(request.toUserId);
  const merged = await ctx.carts.merge(from, to, cartTimes(ctx));
  const [cart, left] = await Promise.all([
    viewCart(ctx, { userId: to, stored: merged }, call),
    merged ? nameLeftItems(ctx, merged, call) : [],
  ]);
  return { cart, left };
}
