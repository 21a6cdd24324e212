import type { GetItemsRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { cartAt } from "../cart.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId, refusal } from "../errors.ts";
import { touchCart } from "../view.ts";

export async function getItems(ctx: CartContext, request: Omit<GetItemsRequest, "$typeName">, call: Call) {
  requireOwner(call, request.userId, () => refusal("CART_NOT_FOUND"));
  const stored = await touchCart(ctx, parseActorId(request.userId));
  if (!stored) return { version: 0n, items: [] };
  const { version, items } = cartAt(stored, cartTimes(ctx).now);
  return { version, items: [...items] };
}
