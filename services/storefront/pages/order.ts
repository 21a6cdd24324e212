import { page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { ApiProblem } from "../api.ts";
import type { Order, Page, Tracking, User } from "../api-types.ts";
import { pageNotFound, Refusal, SignInNeeded } from "../refusal.ts";
import { orderView, ordersView } from "../views/order.ts";
import type { Visit } from "../visit.ts";

export const orderRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/account/orders", page: ordersPage },
  { method: "GET", url: "/orders/:id", page: async (visit) => await orderPage(visit, {}) },
  { method: "POST", url: "/orders/:id/cancel", page: async (visit) => await moveOrder(visit, "cancelled") },
  {
    method: "POST",
    url: "/orders/:id/status",
    page: async (visit) => await moveOrder(visit, wantedStatus(visit)),
  },
];

/** Guests see the orders of their session. */
async function ordersPage(visit: Visit): Promise<Answer> {
  if (!visit.isKnown) throw new SignInNeeded();
  const cursor = visit.query.get("cursor") || undefined;
  const orders = await visit.ask<Page<Order>>({ path: "/api/orders", query: { limit: "20", cursor } });
  const nextUrl =
    orders.nextCursor === null
      ? undefined
      : `/account/orders?cursor=${encodeURIComponent(orders.nextCursor)}`;
  return page("Your orders", ordersView(orders.items, nextUrl), { headers: noStore });
}

async function orderPage(visit: Visit, refused: { status?: number; message?: string }): Promise<Answer> {
  if (!visit.isKnown) throw new SignInNeeded();
  const [order, user] = await Promise.all([getOrder(visit), findUser(visit)]);
  const tracking = order.trackingNumber ? await findTracking(visit, order.trackingNumber) : undefined;
  const { status = 200, message } = refused;
  const parts = {
    order,
    tracking,
    isAdmin: user?.role === "admin",
    ...(message === undefined ? {} : { message }),
  };
  return page(`Order ${order.orderNumber}`, orderView(parts), { status, headers: noStore });
}

async function getOrder(visit: Visit): Promise<Order> {
  try {
    return await visit.ask<Order>({ path: orderPath(visit) });
  } catch (error) {
    if (error instanceof ApiProblem && (error.status === 404 || error.status === 400))
      throw pageNotFound("This order");
    throw error;
  }
}

async function findUser(visit: Visit): Promise<User | undefined> {
  return visit.identity.isSignedIn
    ? await visit.soon(visit.ask<User>({ path: "/api/users/profile" }))
    : undefined;
}

async function findTracking(visit: Visit, trackingNumber: string): Promise<Tracking | undefined> {
  return await visit.askOptional<Tracking>({
    path: `/api/shipping/track/${encodeURIComponent(trackingNumber)}`,
  });
}

async function moveOrder(visit: Visit, status: string): Promise<Answer> {
  try {
    await visit.ask<Order>({
      method: "PATCH",
      path: `${orderPath(visit)}/status`,
      body: { status },
      timeoutMs: 20_000,
    });
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 409) throw error;
    return await orderPage(visit, {
      status: 409,
      message: error.detail || "The order has moved on meanwhile.",
    });
  }
  return redirect(`/orders/${encodeURIComponent(visit.params["id"] ?? "")}`);
}

function wantedStatus(visit: Visit): string {
  const status = visit.form.get("status") ?? "";
  if (["processing", "shipped", "delivered", "cancelled"].includes(status)) return status;
  throw new Refusal(422, "That did not work", "The form names no status that an order can have.");
}

function orderPath(visit: Visit): string {
  return `/api/orders/${encodeURIComponent(visit.params["id"] ?? "")}`;
}

const noStore = { "cache-control": "private, no-store" };
