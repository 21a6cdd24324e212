// Paying at the payment provider, and coming back from there. The API knows how the order is; these pages ask it.
import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { Order } from "#gen/rest/types.ts";
import { page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { strictPolicy } from "#platform/web/router.ts";
import type { PaymentForm } from "../extension.ts";
import { pageNotFound } from "../refusal.ts";
import { elementView, leaveView, waitView } from "../views/pay.ts";
import type { Visit } from "../visit.ts";
import { refusedOrder, toPlacedOrder } from "./checkout.ts";

export const payRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/checkout/pay/:id", page: payPage },
  { method: "GET", url: "/checkout/return/:id", page: returnPage },
  { method: "POST", url: "/checkout/return/:id/cancel", page: giveUp },
];

const noStore = { "cache-control": "private, no-store" };
const waitSeconds = 4;
const lookTimeoutMs = 20_000;

/** Where the buyer pays: in the provider's element here, or on the way to its own page. */
async function payPage(visit: Visit): Promise<Answer> {
  const order = await look(visit);
  if ("kind" in order) return order;
  const action = order.payment?.action;
  if (!action) return endOrWait(visit, order);
  const { words } = visit.look;
  const title = words.text("pay.title");
  if (action.redirectUrl !== null) {
    // Not a redirect: a browser counts one after a form as a part of the form, which may lead nowhere but here.
    const url = webAddress(action.redirectUrl);
    const headers = { ...noStore, refresh: `0; url=${url}` };
    return page(title, leaveView(visit.look, order, url), { headers });
  }
  const method = await visit.ctx.method.get(visit.caller);
  const form = visit.ctx.paymentForms.get(method.provider);
  if (!form) throw new Error(`No extension brings a payment form for ${method.provider}.`);
  const parts = {
    form,
    key: method.publishableKey ?? "",
    secret: action.clientSecret ?? "",
    returnUrl: `${visit.ctx.shop.url}/checkout/return/${order.id}`,
  };
  const headers = { ...noStore, "content-security-policy": policyFor(form), ...popups };
  return page(title, elementView(visit.look, order, parts), { headers });
}

/** Written anew, so that nothing in it ends a header or begins a script. */
function webAddress(text: string): string {
  const url = new URL(text);
  if (url.protocol === "https:" || url.protocol === "http:") return url.href;
  throw new Error("The payment provider's page has no address of the web.");
}

/** A bank's window must be able to tell the page that it has ended. */
const popups = { "cross-origin-opener-policy": "same-origin-allow-popups" };

function policyFor({ scriptSources, frameSources, connectSources }: PaymentForm): string {
  const more: { readonly [directive: string]: readonly string[] } = {
    "script-src": scriptSources,
    "frame-src": frameSources,
    "connect-src": connectSources,
  };
  return strictPolicy
    .split("; ")
    .map((directive) => [directive, ...(more[directive.split(" ")[0] ?? ""] ?? [])].join(" "))
    .join("; ");
}

/** Where the provider sends the buyer to, whatever happened there. */
async function returnPage(visit: Visit): Promise<Answer> {
  const order = await look(visit);
  return "kind" in order ? order : endOrWait(visit, order);
}

/** The order as it is now, or the page that says why there is none. */
async function look(visit: Visit): Promise<Order | Answer> {
  try {
    return await visit.ask("resumeOrder", { path: { id: visit.params["id"] ?? "" } }, lookTimeoutMs);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    if (error.status === 404) throw pageNotFound("order");
    if (error.status === 402 || error.status === 409) return await refusedOrder(visit, error);
    if (error.status === 503 && error.code.startsWith("CHECKOUT_")) return waitPage(visit, undefined);
    throw error;
  }
}

function endOrWait(visit: Visit, order: Order): Answer {
  return order.status === "pending" ? waitPage(visit, order) : toPlacedOrder(visit, order);
}

/** Comes again by itself until the order's end is known. */
function waitPage(visit: Visit, order: Order | undefined): Answer {
  const path = `/checkout/return/${encodeURIComponent(visit.params["id"] ?? "")}`;
  const headers = { ...noStore, refresh: `${waitSeconds}; url=${path}` };
  return page(visit.look.words.text("pay.title"), waitView(visit.look, path, order), { headers });
}

/** Nothing is charged; the cart is as it was. An order that was placed meanwhile stays, and is shown. */
async function giveUp(visit: Visit): Promise<Answer> {
  const path = { id: visit.params["id"] ?? "" };
  try {
    await visit.ask("changeOrderStatus", { path, body: { status: "cancelled" } }, lookTimeoutMs);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status >= 500) throw error;
    if (error.status === 409) return redirect(`/checkout/return/${encodeURIComponent(path.id)}`);
  }
  // The cart can be ordered again as soon as the attempt has ended; it ends by itself as well.
  await visit.ask("resumeOrder", { path }, lookTimeoutMs).catch((error: unknown) => {
    if (!(error instanceof ApiProblem)) throw error;
  });
  return redirect("/cart");
}
