import type { SetItemRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { parseQuantity } from "../cart.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId, refusal } from "../errors.ts";
import { listOnSale, viewCart } from "../view.ts";

export async function setItem(ctx: CartContext, request: SetItemRequest, call: Call) {
  requireOwner(call, request.userId, () => refusal("CART_NOT_FOUND"));
  const userId = parseActorId(request.userId);
  const quantity = parseQuantity(request.quantity, 0);
  const productId = await findProductId(ctx, request.productId, call);
  const variantId = request.variantId || (productId && (await firstOfSeveral(ctx, userId, productId, call)));
  if (productId === undefined || (variantId !== undefined && !isUuid(variantId)))
    throw refusal("CART_ITEM_NOT_FOUND");
  const cart = await ctx.carts.set(userId, { productId, variantId, quantity }, cartTimes(ctx));
  if (!cart) throw refusal("CART_ITEM_NOT_FOUND");
  return { cart: await viewCart(ctx, { userId, stored: cart }, call) };
}

/** Where the cart has several variants of the product: the one that the product's id alone means, which is the first on sale. */
async function firstOfSeveral(
  ctx: CartContext,
  userId: string,
  productId: string,
  call: Call,
): Promise<string | undefined> {
  const lines =
    (await ctx.carts.find(userId, cartTimes(ctx)))?.items.filter((item) => item.productId === productId) ??
    [];
  if (lines.length < 2) return undefined;
  const [first] = await listOnSale(ctx, [{ productId, variantId: "" }], call);
  if (!first) throw refusal("CART_ITEM_NOT_FOUND");
  return first.variantId;
}

/** The catalogue is asked about codes and slugs only: a line can be taken out although its product is no longer on sale. */
async function findProductId(ctx: CartContext, text: string, call: Call): Promise<string | undefined> {
  if (isUuid(text)) return text;
  const [found] = await listOnSale(ctx, [{ productId: text, variantId: "" }], call);
  return found?.productId;
}
