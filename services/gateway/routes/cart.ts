import type { Cart as CartMessage } from "#gen/stoa/cart/v1/cart_pb.js";
import type { MarkedCall } from "../marks.ts";
import { noteBehavior } from "../behavior.ts";
import type { GatewayContext } from "../context.ts";
import { endpoint } from "../endpoint.ts";
import { priceView } from "../money.ts";
import { cartJson } from "../present.ts";
import { Cart, CartCount, CartItemQuery, PurchaseItem, QuantityChange } from "../schemas/cart.ts";
import { CurrencyQuery } from "../schemas/product.ts";
import { ref } from "../schemas/shapes.ts";

async function answerOf(
  ctx: GatewayContext,
  cart: CartMessage | undefined,
  currency: string | undefined,
  call: MarkedCall,
) {
  if (cart && cart.ageSeconds > 0n) call.marks.add("catalog", Number(cart.ageSeconds) * 1000);
  const prices = cart?.items.map((item) => item.unitPrice) ?? [];
  const show = await priceView(ctx, currency, prices, call);
  return cartJson(cart, show, currency ?? ctx.shop.currency);
}

const getCart = endpoint({
  id: "getCart",
  method: "GET",
  path: "/api/cart/:userId",
  journey: "cart",
  tag: "Cart",
  summary: "Show a cart",
  description: "`me` is the caller. An actor without a cart has an empty one.",
  access: "owner",
  query: CurrencyQuery,
  status: 200,
  answer: Cart,
  run: async (ctx, { ownerId, query, call }) => {
    const { cart } = await ctx.clients.cart.getCart({ userId: ownerId }, call);
    return await answerOf(ctx, cart, query.currency, call);
  },
});

const countCart = endpoint({
  id: "countCart",
  method: "GET",
  path: "/api/cart/:userId/count",
  journey: "cart",
  tag: "Cart",
  summary: "Count what is in a cart",
  description: "For badges: no names and no prices are looked up.",
  access: "owner",
  status: 200,
  answer: CartCount,
  run: async (ctx, { ownerId, call }) => {
    const { version, items } = await ctx.clients.cart.getItems({ userId: ownerId }, call);
    return { count: items.reduce((sum, { quantity }) => sum + quantity, 0), version: Number(version) };
  },
});

const addItem = endpoint({
  id: "addCartItem",
  method: "POST",
  path: "/api/cart/:userId/items",
  journey: "cart",
  tag: "Cart",
  summary: "Put an item into a cart",
  description: "The same product adds up. At most 99 of one variant and 100 lines.",
  access: "owner",
  body: ref(PurchaseItem),
  isKeyed: true,
  status: 201,
  answer: Cart,
  refusals: { 404: ["PRODUCT_NOT_FOUND"], 422: ["CART_LINE_LIMIT", "CART_QUANTITY_LIMIT"] },
  run: async (ctx, request) => {
    const { productId, variantId = "", quantity } = request.body;
    const { ownerId: userId, idempotencyKey } = request;
    const item = { userId, productId, variantId, quantity, idempotencyKey };
    const { cart } = await ctx.clients.cart.addItem(item, request.call);
    noteBehavior(ctx, request, "cart", [productId]);
    return await answerOf(ctx, cart, undefined, request.call);
  },
});

const setItem = endpoint({
  id: "setCartItem",
  method: "PUT",
  path: "/api/cart/:userId/items/:productId",
  journey: "cart",
  tag: "Cart",
  summary: "Set how many of a product a cart holds",
  access: "owner",
  body: ref(QuantityChange),
  status: 200,
  answer: Cart,
  refusals: { 404: ["CART_ITEM_NOT_FOUND"] },
  run: async (ctx, { ownerId, param, body, call }) => {
    const { quantity, variantId = "" } = body;
    const item = { userId: ownerId, productId: param("productId"), variantId, quantity };
    return await answerOf(ctx, (await ctx.clients.cart.setItem(item, call)).cart, undefined, call);
  },
});

const removeItem = endpoint({
  id: "removeCartItem",
  method: "DELETE",
  path: "/api/cart/:userId/items/:productId",
  journey: "cart",
  tag: "Cart",
  summary: "Take a product out of a cart",
  access: "owner",
  query: CartItemQuery,
  status: 200,
  answer: Cart,
  refusals: { 404: ["CART_ITEM_NOT_FOUND"] },
  run: async (ctx, { ownerId, param, query, call }) => {
    const { variantId = "" } = query;
    const item = { userId: ownerId, productId: param("productId"), variantId, quantity: 0 };
    return await answerOf(ctx, (await ctx.clients.cart.setItem(item, call)).cart, undefined, call);
  },
});

const clearCart = endpoint({
  id: "clearCart",
  method: "DELETE",
  path: "/api/cart/:userId",
  journey: "cart",
  tag: "Cart",
  summary: "Empty a cart",
  access: "owner",
  status: 204,
  run: async (ctx, { ownerId, call }) => {
    await ctx.clients.cart.clearCart({ userId: ownerId }, call);
  },
});

export const cartEndpoints = [getCart, countCart, addItem, setItem, removeItem, clearCart];
