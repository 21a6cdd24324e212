import { AddItemResponseSchema, type AddItemRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import type { Queryable } from "#platform/database/db.ts";
import { answerOnce, keyedRequest } from "#platform/database/kept-answers.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { parseQuantity, type KnownVariant } from "../cart.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId, refusal } from "../errors.ts";
import { addCartItem, findCart } from "../store.ts";
import { listOnSale, viewCart } from "../view.ts";

type ItemWish = Pick<AddItemRequest, "userId" | "productId" | "variantId" | "quantity"> & {
  readonly idempotencyKey?: string;
};

export async function addItem(ctx: CartContext, request: ItemWish, call: Call) {
  requireOwner(call, request.userId, () => refusal("CART_NOT_FOUND"));
  const userId = parseActorId(request.userId);
  const quantity = parseQuantity(request.quantity, 1);
  const { idempotencyKey: key = "" } = request;
  if (key !== "") return await addOnce(ctx, { ...request, userId, quantity, idempotencyKey: key }, call);
  const wanted = await requireOnSale(ctx, request, call);
  const stored = await addTo(ctx, ctx.db, { userId, wanted, quantity });
  return { cart: await viewCart(ctx, { userId, stored, known: [wanted] }, call) };
}

async function addOnce(ctx: CartContext, request: Required<ItemWish>, call: Call) {
  const { userId, productId, variantId, quantity, idempotencyKey } = request;
  const meaning = { userId, productId, variantId: variantId || undefined, quantity };
  return await answerOnce(ctx.db, keyedRequest(call, idempotencyKey, "add-cart-item.1", meaning), {
    answer: AddItemResponseSchema,
    effect: async (within) => {
      const wanted = await requireOnSale(ctx, request, call);
      return await within.inTransaction(async (tx) => {
        await addTo(ctx, tx, { userId, wanted, quantity });
        return null;
      });
    },
    reply: async () => ({
      cart: await viewCart(ctx, { userId, stored: await findCart(ctx.db, userId) }, call),
    }),
  });
}

async function requireOnSale(ctx: CartContext, request: ItemWish, call: Call): Promise<KnownVariant> {
  const [wanted] = await listOnSale(ctx, [request], call);
  if (!wanted) throw refusal("PRODUCT_NOT_FOUND");
  return wanted;
}

async function addTo(
  ctx: CartContext,
  db: Queryable,
  { userId, wanted, quantity }: { userId: string; wanted: KnownVariant; quantity: number },
) {
  const { productId, variantId } = wanted;
  const times = cartTimes(ctx);
  const item = { id: newId(times.now.getTime()), productId, variantId, quantity };
  const cart = await addCartItem(db, userId, item, times);
  if (cart.outcome === "quantity-limit") throw refusal("CART_QUANTITY_LIMIT");
  if (cart.outcome === "line-limit") throw refusal("CART_LINE_LIMIT");
  return cart;
}
