import type { AddItemRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { parseQuantity } from "../cart.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { cartNotFound, lineLimit, parseActorId, productNotFound, quantityLimit } from "../errors.ts";
import { addCartItem } from "../store.ts";
import { listOnSale, viewCart } from "../view.ts";

export async function addItem(ctx: CartContext, request: Omit<AddItemRequest, "$typeName">, call: Call) {
  requireOwner(call, request.userId, cartNotFound);
  const userId = parseActorId(request.userId);
  const quantity = parseQuantity(request.quantity, 1);
  const [wanted] = await listOnSale(ctx, [request], call);
  if (!wanted) throw productNotFound();
  const { productId, variantId } = wanted;
  const times = cartTimes(ctx);
  const item = { id: newId(times.now.getTime()), productId, variantId, quantity };
  const cart = await addCartItem(ctx.db, userId, item, times);
  if (cart.outcome === "quantity-limit") throw quantityLimit();
  if (cart.outcome === "line-limit") throw lineLimit();
  return { cart: await viewCart(ctx, { userId, stored: cart, known: [wanted] }, call) };
}
