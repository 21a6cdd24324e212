import type { GetCartRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CartContext } from "../context.ts";
import { parseActorId, refusal } from "../errors.ts";
import { touchCart, viewCart } from "../view.ts";

export async function getCart(ctx: CartContext, request: Omit<GetCartRequest, "$typeName">, call: Call) {
  requireOwner(call, request.userId, () => refusal("CART_NOT_FOUND"));
  const userId = parseActorId(request.userId);
  return { cart: await viewCart(ctx, { userId, stored: await touchCart(ctx, userId) }, call) };
}
