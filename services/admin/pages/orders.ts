import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { Order, OrderStatus } from "#gen/rest/types.ts";
import { localPath, page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { ListAddress, tickedIds } from "#platform/web/table.ts";
import { problemText, Refusal } from "../refusal.ts";
import { noStore } from "../router.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { RefundForm } from "../views/refunds.ts";
import { orderView } from "../views/order.ts";
import { ordersListView, ordersView, statuses, type Counts, type OrdersParts } from "../views/orders.ts";
import type { AdminVisit } from "../visit.ts";

export const orderRoutes: readonly Route<AdminVisit>[] = [
  { method: "GET", url: "/", page: ordersPage },
  { method: "GET", url: "/orders", page: ordersPage },
  { method: "POST", url: "/orders", page: moveOrders },
  { method: "GET", url: "/live/orders", page: liveOrders },
  { method: "GET", url: "/orders/:id", page: async (visit) => await orderPage(visit, {}) },
  { method: "POST", url: "/orders/:id/status", page: moveOrder },
  { method: "POST", url: "/orders/:id/refunds", page: refundOrder },
];

/** A move may have to wait for a payment provider or a carrier. */
const moveTimeoutMs = 20_000;
const rowsMax = 20;
/** As the API calls a payment service that is somebody else's: it charges, and gives nothing back. */
const foreignProvider = "hipstershop";

async function ordersPage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const [list, counts] = await Promise.all([listOrders(visit), countOrders(visit)]);
  const moved = numberOf(visit, "moved");
  const refused = numberOf(visit, "refused");
  const body = ordersView(visit.words, { ...list, counts, moved, refused });
  return page(visit.words.text("orders.heading"), body, { headers: noStore });
}

/** The newest orders as they come in; its session is not renewed on the way, because nobody would keep it. */
async function liveOrders(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const first = ordersListView(visit.words, await listOrders(visit));
  visit.signIn.hold();
  return {
    kind: "live",
    first,
    next: async () => ordersListView(visit.words, await listOrders(visit)),
  };
}

async function listOrders(visit: AdminVisit): Promise<OrdersParts> {
  const address = new ListAddress("/admin", onlyChoices(visit.query));
  const status = statuses.find((one) => one === address.get("status"));
  const query = { limit: rowsMax, cursor: address.get("cursor"), status };
  return { address, orders: await visit.ask("listOrders", { query }) };
}

/** What a list is chosen by; what else stands in the query is gone with the next link. */
function onlyChoices(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => name === "status" || name === "cursor"));
}

/** How many orders there are of each status; undefined when that cannot be said in time. */
async function countOrders(visit: AdminVisit): Promise<Counts | undefined> {
  const totals = await Promise.all(
    statuses.map(async (status) => {
      const list = await visit.askOptional("listOrders", { query: { limit: 1, status } });
      return list && ([status, list.total] as const);
    }),
  );
  const known = totals.filter((pair) => pair !== undefined);
  return known.length === statuses.length ? (Object.fromEntries(known) as Counts) : undefined;
}

function numberOf(visit: AdminVisit, name: string): number {
  const text = visit.query.get(name) ?? "";
  return /^\d{1,3}$/.test(text) ? Number(text) : 0;
}

/** Moves every order that was ticked; those that cannot be moved stay as they are and are counted. */
async function moveOrders(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const status = wantedStatus(visit.form.get("action"));
  let moved = 0;
  let refused = 0;
  for (const id of tickedIds(visit.form, rowsMax)) {
    try {
      await visit.ask("changeOrderStatus", { path: { id }, body: { status } }, moveTimeoutMs);
      moved += 1;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status >= 500 || error.status === 429) throw error;
      refused += 1;
    }
  }
  const back = localPath(visit.form.get("back"));
  const url = new URL(/^\/admin(?![\w-])/.test(back) ? back : "/admin", "http://localhost");
  url.searchParams.set("moved", String(moved));
  url.searchParams.set("refused", String(refused));
  return redirect(url.pathname + url.search);
}

async function orderPage(
  visit: AdminVisit,
  { status = 200, message, refund }: { status?: number; message?: string; refund?: RefundForm },
): Promise<Answer> {
  await visit.requireStaff();
  const order = await getOrder(visit);
  const { trackingNumber } = order;
  const tracking = trackingNumber
    ? await visit.askOptional("trackShipment", { path: { trackingNumber } })
    : undefined;
  const { items: refunds } = await visit.ask("listRefunds", { path: { id: order.id } });
  const method = await visit.askOptional("showPaymentMethod", {});
  const canGiveBack = method?.provider !== foreignProvider;
  const title = visit.words.text("order.heading", { number: order.orderNumber });
  return page(
    title,
    orderView(visit.words, {
      order,
      tracking,
      refunds,
      refund: refund ?? emptyRefund(),
      message,
      canGiveBack,
    }),
    {
      status,
      headers: noStore,
    },
  );
}

function emptyRefund(): RefundForm {
  return { refundId: newRandomId(), amount: "", reason: "" };
}

/** The form names its refund, so that a second click, or a reload, gives nothing more. */
async function refundOrder(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const field = (name: string) => (visit.form.get(name) ?? "").trim();
  const [refundId, typed, reason] = [field("refundId") || newRandomId(), field("amount"), field("reason")];
  const isFull = field("what") === "full";
  const order = await getOrder(visit);
  const { currencyCode } = order.netAmount;
  // A comma is how half of the world writes decimals.
  const amount = typed.includes(".") ? typed : typed.replace(",", ".");
  const wish = isFull ? { full: true } : { amount: { amount, currencyCode } };
  const body = { ...wish, refundId, ...(reason === "" ? {} : { reason }) };
  try {
    await visit.ask("refundOrder", { path: { id: order.id }, body }, moveTimeoutMs);
  } catch (error) {
    if (!(error instanceof ApiProblem) || ![400, 409, 422].includes(error.status)) throw error;
    const message = problemText(visit.words, error, visit.words.text("refund.wrong"));
    const refund = { refundId, amount: typed, reason };
    if (error.status === 400) return await orderPage(visit, { status: 422, refund: { ...refund, message } });
    return await orderPage(visit, { status: error.status, message, refund });
  }
  return redirect(`/admin/orders/${encodeURIComponent(order.id)}`, 303);
}

async function getOrder(visit: AdminVisit): Promise<Order> {
  try {
    return await visit.ask("getOrder", { path: { id: visit.params["id"] ?? "" } });
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 400) throw new Refusal(404, "notFound");
    throw error;
  }
}

async function moveOrder(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const status = wantedStatus(visit.form.get("status"));
  const id = visit.params["id"] ?? "";
  try {
    await visit.ask("changeOrderStatus", { path: { id }, body: { status } }, moveTimeoutMs);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 409) throw error;
    const message = problemText(visit.words, error, visit.words.text("order.movedOn"));
    return await orderPage(visit, { status: 409, message });
  }
  return redirect(`/admin/orders/${encodeURIComponent(id)}`);
}

function wantedStatus(text: string | null): Exclude<OrderStatus, "pending"> {
  const status = (["processing", "shipped", "delivered", "cancelled"] as const).find((one) => one === text);
  if (status === undefined) throw new Refusal(422, "request");
  return status;
}
