import type { GetItemsRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { cartAt } from "../cart.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId, refusal } from "../errors.ts";

export async function getItems(ctx: CartContext, request: Omit<GetItemsRequest, "$typeName">, call: Call) {
  requireOwner(call, request.userId, () => refusal("CART_NOT_FOUND"));
  const stored = await ctx.carts.touch(parseActorId(request.userId), cartTimes(ctx));
  if (!stored) return { version: 0n, items: [] };
  const { version, items } = cartAt(stored, cartTimes(ctx).now);
  return { version, items: [...items] };
}
