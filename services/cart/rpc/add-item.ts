import { AddItemResponseSchema, type AddItemRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import { answerOnce, keyedRequest } from "#platform/database/kept-answers.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import { parseQuantity, type KnownVariant, type StoredCart } from "../cart.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId, refusal } from "../errors.ts";
import { listOnSale, viewCart } from "../view.ts";

const startedCarts = counter(
  "stoa_carts_started_total",
  "Carts that something was put into while they were empty. Beside stoa_carts_abandoned_total and stoa_orders_total it tells what becomes of them.",
);

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
  const { productId, variantId } = wanted;
  const stored = await ctx.carts.add(userId, { productId, variantId, quantity }, cartTimes(ctx));
  countStarted(stored, quantity);
  return { cart: await viewCart(ctx, { userId, stored, known: [wanted] }, call) };
}

async function addOnce(ctx: CartContext, request: Required<ItemWish>, call: Call) {
  const { userId, productId, variantId, quantity, idempotencyKey } = request;
  const meaning = { userId, productId, variantId: variantId || undefined, quantity };
  const ask = keyedRequest(call, idempotencyKey, "add-cart-item.1", meaning);
  let isAdded = false;
  return await answerOnce(ctx.db, ask, {
    answer: AddItemResponseSchema,
    effect: async (within) => {
      const wanted = await requireOnSale(ctx, request, call);
      const item = { productId: wanted.productId, variantId: wanted.variantId, quantity };
      const once = { name: `${ask?.actor} ${idempotencyKey}`, meaning: ask?.requestHash ?? "", within };
      await ctx.carts.addOnce(userId, item, cartTimes(ctx), once);
      isAdded = true;
      return null;
    },
    reply: async () => {
      const stored = await ctx.carts.find(userId, cartTimes(ctx));
      if (isAdded && stored) countStarted(stored, quantity);
      return { cart: await viewCart(ctx, { userId, stored }, call) };
    },
  });
}

/** A cart that holds what was added and nothing else was empty before. */
function countStarted({ items }: StoredCart, quantity: number): void {
  if (items.length === 1 && items[0]?.quantity === quantity) startedCarts.inc();
}

async function requireOnSale(ctx: CartContext, request: ItemWish, call: Call): Promise<KnownVariant> {
  const [wanted] = await listOnSale(ctx, [request], call);
  if (!wanted) throw refusal("PRODUCT_NOT_FOUND");
  return wanted;
}
