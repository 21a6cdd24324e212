import type { ClearCartRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId, refusal } from "../errors.ts";

export async function clearCart(ctx: CartContext, request: Omit<ClearCartRequest, "$typeName">, call: Call) {
  requireOwner(call, request.userId, () => refusal("CART_NOT_FOUND"));
  await ctx.carts.clear(parseActorId(request.userId), cartTimes(ctx));
  return {};
}
