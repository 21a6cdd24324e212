// Placing the order, and asking what it would cost.
import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { Order } from "#gen/rest/types.ts";
import { page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import {
  isOurForm,
  messagesOf,
  parseCheckout,
  type FieldMessages,
  type OrderRequest,
  type TypedCheckout,
} from "../checkout-form.ts";
import { problemText, refusalOf } from "../refusal.ts";
import { shortagesIn } from "../shortages.ts";
import { orderPlacedView } from "../views/order.ts";
import type { Visit } from "../visit.ts";
import { cartPage } from "./cart-page.ts";
import { listRecommendations } from "./product.ts";

export const checkoutRoutes: readonly Route<Visit>[] = [
  { method: "POST", url: "/cart/checkout", page: checkOut },
];

/** Kept back for the cart page that says why there is no order. */
const cartPageMs = 1_800;

async function checkOut(visit: Visit): Promise<Answer> {
  const { words } = visit.look;
  const method = await visit.ctx.method.get(visit.caller);
  const { typed, messages, order: request } = parseCheckout(visit.form, visit.currency, words, method);
  if (visit.form.has("update")) return await cartPage(visit, { typed });
  if (!request) {
    const message = words.text("checkout.again");
    return await cartPage(visit, { status: 422, message, typed, messages });
  }
  let order: Order;
  try {
    if (await isUnseenTotal(visit, request)) {
      const message = words.text("lacking.lookAtTotal");
      return await cartPage(visit, { status: 409, message, typed });
    }
    const timeoutMs = visit.ctx.config.STOREFRONT_CHECKOUT_TIMEOUT_MS - cartPageMs;
    order = await visit.ask("placeOrder", { body: request }, timeoutMs);
  } catch (error) {
    return await refusedOrder(visit, error, typed);
  }
  if (order.status === "pending") return redirect(`/checkout/pay/${order.id}`);
  return isOurForm(visit.form) ? toPlacedOrder(visit, order) : await placedPage(visit, order);
}

/** A cart that was shown without its total, because nobody could say it, is not ordered before the total was seen. */
async function isUnseenTotal(visit: Visit, request: OrderRequest): Promise<boolean> {
  if (!isOurForm(visit.form) || request.quoteId !== undefined) return false;
  const { shippingAddress, currencyCode, shippingMethodCode } = request;
  const body = { shippingAddress, currencyCode, ...(shippingMethodCode ? { shippingMethodCode } : {}) };
  try {
    await visit.ask("createQuote", { body }, quoteTimeoutMs);
    return true;
  } catch (error) {
    // What is wrong with it, or that there is an order already, the order itself is told.
    if (error instanceof ApiProblem && error.status < 500) return false;
    throw error;
  }
}

const quoteTimeoutMs = 3_000;
const placedCookie = "shop_placed";
const thanksSeconds = 600;

/** To the page of the order, which says thanks for a while: it can be loaded again and kept, and going back orders nothing. */
export function toPlacedOrder(visit: Visit, { id }: Order): Answer {
  visit.cookies.set(placedCookie, id, { maxAgeSeconds: thanksSeconds, path: "/orders" });
  return redirect(`/orders/${id}`, 303);
}

export function isJustPlaced(visit: Visit, { id }: Order): boolean {
  return visit.cookies.get(placedCookie) === id;
}

/** What the contract answers clients that know nothing but its fields. */
async function placedPage(visit: Visit, order: Order): Promise<Answer> {
  const recommended = await listRecommendations(
    visit,
    order.items.map(({ productId }) => productId),
  );
  const headers = { "cache-control": "private, no-store" };
  const { look } = visit;
  return page(
    look.words.text("order.thanksTitle"),
    orderPlacedView(look, order, recommended, await visit.sendsMails()),
    { headers },
  );
}

/** The cart page again, with what was typed and why it did not work; nothing has been bought. */
export async function refusedOrder(visit: Visit, error: unknown, typed?: TypedCheckout): Promise<Answer> {
  if (!(error instanceof ApiProblem)) throw error;
  if (error.code.startsWith("MAINTENANCE") || error.status === 401 || error.status === 403) throw error;
  const { status, retryAfterSeconds } = refusalOf(error);
  const { words } = visit.look;
  const messages = { ...messagesOf(words, error.errors), ...exampleOf(visit, error) };
  const parts = {
    ...(typed ? { typed, messages } : {}),
    message: messageOf(visit, error, Object.keys(messages).length > 0),
    shortages: shortagesIn(error),
    retryAfterSeconds,
  };
  return await cartPage(visit, { ...parts, status: shownStatus(error, status) });
}

/** The API says it in English, with an example that is good in every language. */
function exampleOf({ look: { words } }: Visit, { body }: ApiProblem): FieldMessages {
  const example = body["postalCodeExample"];
  if (words.isEnglish || typeof example !== "string") return {};
  return { zip_code: words.text("wrong.zipExample", { example }) };
}

function messageOf({ look: { words } }: Visit, error: ApiProblem, namesFields: boolean): string {
  if (error.status >= 500) return words.find(`problem.${error.code}`) ?? words.text("checkout.unknown");
  if (namesFields) return words.text("checkout.again");
  return problemText(words, error, words.text("checkout.failed"));
}

/** A product that is gone is a conflict for the one who had it in the cart, not a page that is not there. */
function shownStatus({ status, code }: ApiProblem, fallback: number): number {
  if (status === 402 || status === 409) return status;
  return code === "QUOTE_NOT_FOUND" || code === "PRODUCT_NOT_FOUND" ? 409 : fallback;
}
