// The foreign contract knows neither tokens nor variants: any text names a visitor, and products are named by their codes.
import {
  CartService,
  type AddItemRequest,
  type EmptyCartRequest,
  type GetCartRequest,
} from "#gen/hipstershop/demo_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { guestIdOfForeignUser } from "#platform/auth/guest.ts";
import { asService, bindRpcs, type BoundService, type Call } from "#platform/rpc/contract.ts";
import type { CartContext } from "./context.ts";
import { addItem as addCartItem } from "./rpc/add-item.ts";
import { clearCart } from "./rpc/clear-cart.ts";
import { getCart as getOwnCart } from "./rpc/get-cart.ts";

const userIdBytesMax = 128;

export function hipsterCart(ctx: CartContext): BoundService {
  return bindRpcs(CartService, ctx, { addItem, getCart, emptyCart });
}

async function addItem(ctx: CartContext, { userId, item }: AddItemRequest, call: Call) {
  const guestId = guestIdOf(userId);
  if (!item) throw invalid([{ path: "item", message: "is missing" }]);
  const { productId, quantity } = item;
  const request = { userId: guestId, productId, variantId: "", quantity };
  await addCartItem(ctx, request, asService(call, "hipstershop"));
  return {};
}

async function getCart(ctx: CartContext, { userId }: GetCartRequest, call: Call) {
  const guestId = guestIdOf(userId);
  const { cart } = await getOwnCart(ctx, { userId: guestId }, asService(call, "hipstershop"));
  const quantities = new Map<string, number>();
  // Its clients look up every product of a cart, and have no way to take one out.
  for (const { productCode, quantity } of cart.items.filter(({ availability }) => availability !== "gone"))
    quantities.set(productCode, (quantities.get(productCode) ?? 0) + quantity);
  const items = [...quantities].map(([productId, quantity]) => ({ productId, quantity }));
  // Its clients compare an empty cart with an empty message.
  return { userId: items.length > 0 ? userId : "", items };
}

async function emptyCart(ctx: CartContext, { userId }: EmptyCartRequest, call: Call) {
  return await clearCart(ctx, { userId: guestIdOf(userId) }, asService(call, "hipstershop"));
}

function guestIdOf(userId: string): string {
  if (Buffer.byteLength(userId) <= userIdBytesMax) return guestIdOfForeignUser(userId);
  throw invalid([{ path: "user_id", message: `must have at most ${userIdBytesMax} bytes` }]);
}
