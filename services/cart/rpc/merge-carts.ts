import type { MergeCartsRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId } from "../errors.ts";
import { mergeCarts as mergeStoredCarts } from "../store.ts";
import { viewCart } from "../view.ts";

export async function mergeCarts(ctx: CartContext, request: MergeCartsRequest, call: Call) {
  requireService(call);
  const from = parseActorId(request.fromUserId);
  const to = parseActorId(request.toUserId);
  const cart = await mergeStoredCarts(ctx.db, from, to, cartTimes(ctx));
  return { cart: await viewCart(ctx, { userId: to, stored: cart }, call) };
}
