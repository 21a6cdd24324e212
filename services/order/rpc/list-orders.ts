import type { ListOrdersRequest } from "#gen/stoa/order/v1/order_pb.js";
import { actsForTheShop, requireAdmin, requireOwner, requireUser } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import { decodeCursor, encodeCursor, parseLimit } from "#platform/database/page.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { OrderContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { countOrders, listOrders as list, type OrderFilter, type OrderPlace } from "../list-store.ts";
import { orderMessage } from "../messages.ts";
import { isOrderStatus } from "../order.ts";
import { dateOf } from "../request-time.ts";

export async function listOrders(ctx: OrderContext, request: ListOrdersRequest, call: Call) {
  const userId = buyerOf(request, call);
  const limit = parseLimit(request.limit);
  const after = parsePlace(request.cursor);
  const filter: OrderFilter = {
    userId,
    status: parseStatus(request.status),
    email: request.email === "" ? undefined : request.email,
    createdFrom: dateOf("createdFrom", request.createdFrom),
    createdUntil: dateOf("createdUntil", request.createdUntil),
  };
  const db = await ctx.db.reader();
  const [orders, total] = await Promise.all([list(db, filter, limit + 1, after), countOrders(db, filter)]);
  const page = orders.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = last && orders.length > limit ? encodeCursor([last.createdAt.getTime(), last.id]) : "";
  return { orders: page.map((order) => orderMessage(order)), nextCursor, total };
}

/** Whose orders are listed; undefined means everybody's. */
function buyerOf({ userId }: ListOrdersRequest, call: Call): string | undefined {
  if (call.service === undefined) requireUser(call);
  if (userId !== "") {
    requireOwner(call, userId, () => refusal("ORDER_NOT_FOUND"));
    if (!isUuid(userId)) throw refusal("ORDER_NOT_FOUND");
    return userId;
  }
  const { actor } = call;
  if (actor.kind === "user" && !actsForTheShop(actor.role)) return actor.userId;
  if (actor.kind === "user") requireAdmin(call);
  return undefined;
}

function parseStatus(status: string) {
  if (status === "") return undefined;
  if (isOrderStatus(status)) return status;
  throw invalid([{ path: "status", message: "must be a status of an order" }]);
}

/** Far enough for every order, near enough for PostgreSQL. */
const timeMsMax = 4e15;

function parsePlace(cursor: string): OrderPlace | undefined {
  const keys = decodeCursor(cursor, 2);
  if (!keys) return undefined;
  const [timeMs, id] = keys;
  const isPlace =
    typeof timeMs === "number" && Math.abs(timeMs) < timeMsMax && typeof id === "string" && isUuid(id);
  if (!isPlace) throw invalid([{ path: "cursor", message: "is not a cursor that this list gave out" }]);
  return { createdAt: new Date(timeMs), id };
}
