import { page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { Cart, Order, Quote } from "#gen/rest/types.ts";
import {
  addressOf,
  messagesOf,
  parseCheckout,
  shippingMethodOf,
  type FieldMessages,
  type TypedCheckout,
} from "../checkout-form.ts";
import { findCountryCode, guessPlace } from "../countries.ts";
import { problemText, Refusal, refusalOf } from "../refusal.ts";
import { cartView } from "../views/cart.ts";
import { orderPlacedView } from "../views/order.ts";
import { me, type Visit } from "../visit.ts";
import { findLeftMessage } from "./left-cart.ts";
import { listRecommendations } from "./product.ts";

export const cartRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/cart", page: lookAtCart },
  { method: "POST", url: "/cart", page: addToCart },
  { method: "POST", url: "/cart/empty", page: emptyCart },
  { method: "POST", url: "/cart/items", page: changeItem },
  { method: "POST", url: "/cart/checkout", page: placeOrder },
];

/** Waits its turn when the shop is full, as long as the gateway lets it. */
const orderTimeoutMs = 55_000;

interface CartPageParts {
  readonly status?: number;
  readonly message?: string;
  readonly typed?: TypedCheckout;
  readonly messages?: FieldMessages;
  readonly retryAfterSeconds?: number | undefined;
}

async function lookAtCart(visit: Visit): Promise<Answer> {
  const message = await findLeftMessage(visit);
  return await cartPage(visit, message === undefined ? {} : { message });
}

async function cartPage(
  visit: Visit,
  { status = 200, retryAfterSeconds, ...parts }: CartPageParts,
): Promise<Answer> {
  const cart = await visit.cart();
  const items = cart?.items ?? [];
  const [quote, recommended, method] = await Promise.all([
    cart && items.length > 0 ? findQuote(visit, cart, parts.typed) : undefined,
    listRecommendations(
      visit,
      items.map(({ productId }) => productId),
    ),
    visit.ctx.method.get(visit.caller).catch(() => undefined),
  ]);
  const headers: Record<string, string> = { "cache-control": "private, no-store" };
  if (retryAfterSeconds !== undefined) headers["retry-after"] = String(retryAfterSeconds);
  const { country } = placeOf(visit);
  const year = visit.ctx.clock.now().getFullYear();
  const body = cartView(visit.look, {
    cart,
    quote,
    recommended,
    country,
    year,
    method,
    hasElement: method !== undefined && visit.ctx.paymentForms.has(method.provider),
    ...parts,
  });
  return page(visit.look.words.text("cart.heading"), body, { status, headers });
}

/** What the cart costs sent to the typed address, or to where the shopper probably is; undefined if that cannot be said. */
async function findQuote(
  visit: Visit,
  cart: Cart,
  typed: TypedCheckout | undefined,
): Promise<Quote | undefined> {
  const guessed = { line1: "Estimate", city: "Estimate", ...placeOf(visit) };
  const country = typed && findCountryCode(typed.country);
  const typedAddress = typed && country !== undefined ? [addressOf(typed, country)] : [];
  const method = shippingMethodOf(visit.form);
  const asked = method === undefined ? [{}] : [{ shippingMethodCode: method }, {}];
  for (const shippingAddress of [...typedAddress, guessed])
    for (const chosen of asked) {
      const body = { shippingAddress, currencyCode: visit.currency, ...chosen };
      const quote = await visit.ask("createQuote", { body }).catch((error: unknown) => requireRefused(error));
      if (quote && quote.items.length === cart.items.length) return quote;
    }
  return undefined;
}

function placeOf({ headers, ctx }: Visit): ReturnType<typeof guessPlace> {
  return guessPlace(headers["accept-language"], ctx.shop.country);
}

/** A cart that cannot be priced is still shown; a shop in maintenance is not. */
function requireRefused(error: unknown): undefined {
  if (error instanceof ApiProblem && !error.code.startsWith("MAINTENANCE")) return undefined;
  throw error;
}

async function addToCart(visit: Visit): Promise<Answer> {
  const productId = (visit.form.get("product_id") ?? "").trim();
  const quantity = quantityOf(visit.form.get("quantity"), 1, 10);
  const variantId = visit.form.get("variant_id")?.trim() || undefined;
  if (productId === "" || productId.length > 200) throw new Refusal(422, "product");
  const body = { productId, ...(variantId === undefined ? {} : { variantId }), quantity };
  await visit.ask("addCartItem", { path: me, body });
  return redirect("/cart");
}

async function changeItem(visit: Visit): Promise<Answer> {
  const productId = visit.form.get("product_id") ?? "";
  const variantId = visit.form.get("variant_id") || undefined;
  const quantity = quantityOf(visit.form.get("remove") === null ? visit.form.get("quantity") : "0", 0, 99);
  const body = { quantity, ...(variantId === undefined ? {} : { variantId }) };
  try {
    await visit.ask("setCartItem", { path: { ...me, productId }, body });
  } catch (error) {
    // Somebody removed it already, perhaps in another tab.
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
  }
  return redirect("/cart");
}

async function emptyCart(visit: Visit): Promise<Answer> {
  await visit.ask("clearCart", { path: me });
  return redirect("/");
}

function quantityOf(text: string | null, min: number, max: number): number {
  const quantity = /^\d{1,3}$/.test(text ?? "") ? Number(text) : Number.NaN;
  if (quantity >= min && quantity <= max) return quantity;
  throw new Refusal(422, "quantity", { values: { min, max } });
}

async function placeOrder(visit: Visit): Promise<Answer> {
  const { words } = visit.look;
  const method = await visit.ctx.method.get(visit.caller);
  const { typed, messages, order: request } = parseCheckout(visit.form, visit.currency, words, method);
  if (!request) {
    const message = words.text("checkout.again");
    return await cartPage(visit, { status: 422, message, typed, messages });
  }
  let order: Order;
  try {
    order = await visit.ask("placeOrder", { body: request }, orderTimeoutMs);
  } catch (error) {
    return await refusedOrder(visit, error, typed);
  }
  if (order.status === "pending") return redirect(`/checkout/pay/${order.id}`);
  const recommended = await listRecommendations(
    visit,
    order.items.map(({ productId }) => productId),
  );
  const headers = { "cache-control": "private, no-store" };
  return page(words.text("order.thanksTitle"), orderPlacedView(visit.look, order, recommended), { headers });
}

/** The cart page again, with what was typed and why it did not work; nothing has been bought. */
export async function refusedOrder(visit: Visit, error: unknown, typed?: TypedCheckout): Promise<Answer> {
  if (!(error instanceof ApiProblem)) throw error;
  if (error.code.startsWith("MAINTENANCE") || error.status === 401 || error.status === 403) throw error;
  const { status, retryAfterSeconds } = refusalOf(error);
  const { words } = visit.look;
  const messages = messagesOf(words, error.errors);
  const otherwise = words.text(error.status >= 500 ? "checkout.unknown" : "checkout.failed");
  const message =
    error.status >= 500
      ? (words.find(`problem.${error.code}`) ?? otherwise)
      : problemText(words, error, otherwise);
  const parts = { ...(typed ? { typed, messages } : {}), message, retryAfterSeconds };
  return await cartPage(visit, { ...parts, status: shownStatus(error, status) });
}

/** A product that is gone is a conflict for the one who had it in the cart, not a page that is not there. */
function shownStatus({ status, code }: ApiProblem, fallback: number): number {
  if (status === 402 || status === 409) return status;
  return code === "QUOTE_NOT_FOUND" || code === "PRODUCT_NOT_FOUND" ? 409 : fallback;
}
