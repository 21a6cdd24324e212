import { page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { Order, OrderStatus, Tracking, User } from "#gen/rest/types.ts";
import { pageNotFound, problemText, Refusal, SignInNeeded } from "../refusal.ts";
import { canBeCancelled, cancelOrderView } from "../views/cancel-order.ts";
import { expiredLinkPage, findByLink, keepAccess } from "./order-link.ts";
import { orderView, ordersView } from "../views/order.ts";
import type { Visit } from "../visit.ts";
import { isJustPlaced } from "./checkout.ts";
import { listRecommendations } from "./product.ts";

export const orderRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/account/orders", page: ordersPage },
  {
    method: "GET",
    url: "/orders/:id",
    page: async (visit) => keepAccess(visit) ?? (await orderPage(visit, {})),
  },
  { method: "GET", url: "/orders/:id/cancel", page: askToCancel },
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
  const orders = await visit.ask("listOrders", { query: { limit: 20, cursor } });
  const nextUrl =
    orders.nextCursor === null
      ? undefined
      : `/account/orders?cursor=${encodeURIComponent(orders.nextCursor)}`;
  return page(visit.look.words.text("orders.heading"), ordersView(visit.look, orders.items, nextUrl), {
    headers: noStore,
  });
}

async function orderPage(visit: Visit, refused: { status?: number; message?: string }): Promise<Answer> {
  const [own, user] = await Promise.all([findOwn(visit), findUser(visit)]);
  const order = own ?? (await findByLink(visit));
  if (!order) {
    const expired = expiredLinkPage(visit);
    if (expired) return expired;
    throw visit.isKnown ? pageNotFound("order") : new SignInNeeded();
  }
  const tracking = order.trackingNumber ? await findTracking(visit, order.trackingNumber) : undefined;
  const { status = 200, message } = refused;
  const isNew = isJustPlaced(visit, order);
  const productIds = order.items.map(({ productId }) => productId);
  const parts = {
    order,
    tracking,
    isNew,
    recommended: isNew ? await listRecommendations(visit, productIds) : undefined,
    isAdmin: user?.role === "admin",
    isByLink: own === undefined,
    sendsMails: isNew && (await visit.sendsMails()),
    ...(message === undefined ? {} : { message }),
  };
  return page(
    visit.look.words.text("order.heading", { number: order.orderNumber }),
    orderView(visit.look, parts),
    { status, headers: { ...noStore, "referrer-policy": "same-origin" } },
  );
}

/** Money goes back and goods go to somebody else: that is asked first. */
async function askToCancel(visit: Visit): Promise<Answer> {
  if (!visit.isKnown) throw new SignInNeeded();
  const order = await findOwn(visit);
  if (!order) throw pageNotFound("order");
  if (!canBeCancelled(order)) return redirect(`/orders/${order.id}`);
  const { look } = visit;
  return page(look.words.text("order.cancel"), cancelOrderView(look, order), { headers: noStore });
}

/** The order as one that belongs to whoever asks. */
async function findOwn(visit: Visit): Promise<Order | undefined> {
  if (!visit.isKnown) return undefined;
  try {
    return await visit.ask("getOrder", { path: orderPath(visit) });
  } catch (error) {
    if (error instanceof ApiProblem && (error.status === 404 || error.status === 400)) return undefined;
    throw error;
  }
}

async function findUser(visit: Visit): Promise<User | undefined> {
  return visit.identity.isSignedIn ? await visit.soon(visit.ask("getProfile", {}), "other") : undefined;
}

async function findTracking(visit: Visit, trackingNumber: string): Promise<Tracking | undefined> {
  return await visit.askOptional("trackShipment", { path: { trackingNumber } }, "other");
}

async function moveOrder(visit: Visit, status: OrderStatus): Promise<Answer> {
  try {
    await visit.ask("changeOrderStatus", { path: orderPath(visit), body: { status } }, 20_000);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 409) throw error;
    return await orderPage(visit, {
      status: 409,
      message: problemText(visit.look.words, error, visit.look.words.text("order.movedOn")),
    });
  }
  return redirect(`/orders/${encodeURIComponent(visit.params["id"] ?? "")}`);
}

function wantedStatus(visit: Visit): OrderStatus {
  const wanted = visit.form.get("status");
  const status = statusesToMoveTo.find((one) => one === wanted);
  if (status !== undefined) return status;
  throw new Refusal(422, "status");
}

const statusesToMoveTo = ["processing", "shipped", "delivered", "cancelled"] as const;

function orderPath(visit: Visit): { id: string } {
  return { id: visit.params["id"] ?? "" };
}

const noStore = { "cache-control": "private, no-store" };
