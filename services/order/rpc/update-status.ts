import {
  OrderCancelledSchema,
  OrderDeliveredSchema,
  OrderShippedSchema,
  type UpdateStatusRequest,
} from "#gen/stoa/order/v1/order_pb.js";
import { recordActivity } from "#platform/activity/activity.ts";
import { actorName } from "#platform/auth/actor.ts";
import type { Tx } from "#platform/database/db.ts";
import { requireAdmin } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { lockOrder } from "../abandon-store.ts";
import { noteDone } from "../log-lines.ts";
import { finishCancel, promiseCancel } from "../tasks/finish-cancel.ts";
import type { OrderContext } from "../context.ts";
import { isWhollyRefunded } from "../refund-store.ts";
import { refusal, transitionInvalid } from "../errors.ts";
import { orderMessage } from "../messages.ts";
import { countCancelled, countShipped } from "../metrics.ts";
import { isOrderStatus, type Order, type OrderStatus } from "../order.ts";
import { findOrder, readHistory, moveOrder } from "../store.ts";
import { getVisibleOrder } from "../visible-order.ts";

export async function updateStatus(ctx: OrderContext, request: UpdateStatusRequest, call: Call) {
  const known = await getVisibleOrder(ctx, request.orderId, call);
  const { status: to, reason } = request;
  if (to !== "cancelled" && call.actor.kind === "user") requireAdmin(call);
  if (!isOrderStatus(to)) throw invalid([{ path: "status", message: "must be a status of an order" }]);
  if (reason.length > 500) throw invalid([{ path: "reason", message: "must have at most 500 characters" }]);
  await makeMove(ctx, { orderId: known.id, from: known.status, to, reason }, call);
  await followUp(ctx, known, { to, reason }, call);
  const order = await findOrder(ctx.db, known.id);
  if (!order) throw refusal("ORDER_NOT_FOUND");
  return { order: orderMessage(order, await readHistory(ctx.db, order)) };
}

interface Wish {
  readonly orderId: string;
  readonly from: OrderStatus;
  readonly to: OrderStatus;
  readonly reason: string;
}

const events = {
  shipped: OrderShippedSchema,
  delivered: OrderDeliveredSchema,
  cancelled: OrderCancelledSchema,
};

const actions = { shipped: "order.ship", delivered: "order.deliver", cancelled: "order.cancel" } as const;

/** Status, history, activity, event, and for a cancel the task to give everything back: all or nothing. */
async function makeMove(ctx: OrderContext, wish: Wish, call: Call): Promise<void> {
  const { orderId: id, to, reason } = wish;
  const moved = await ctx.db.inTransaction(async (tx) => {
    // Money alone makes an order paid, and the checkout says so with MarkPaid.
    if (to === "pending" || to === "processing") return undefined;
    if (to === "shipped") await requireMoneyKept(tx, wish.orderId);
    const order = await moveOrder(tx, { orderId: id, to, reason, actor: actorName(call) });
    if (!order) return undefined;
    const orderId = order.id;
    await recordActivity(tx, {
      action: actions[to],
      subject: { kind: "order", id: orderId },
      about: order.userId,
      reason,
      before: { status: wish.from },
      after: { status: to },
      call,
    });
    if (to === "cancelled") await promiseCancel(ctx, tx, call, { orderId, reason });
    const payload = { order: orderMessage(order) };
    await ctx.outbox.emit(tx, call, events[to], { aggregateId: orderId, payload });
    tx.onCommit(() => {
      noteDone(ctx.log, call, to, { order });
      if (to === "shipped") countShipped();
      if (to === "cancelled") countCancelled(call);
    });
    return order;
  });
  if (moved) return;
  const now = await findOrder(ctx.db, wish.orderId);
  if (!now || now.isAbandoned) throw refusal("ORDER_NOT_FOUND");
  if (now.status === "pending" && wish.to === "processing") throw refusal("ORDER_NOT_PAID");
  throw transitionInvalid(now.status, wish.to);
}

/** Goods do not leave when all the money is back, or on its way. The order is locked, so that no refund comes in between. */
async function requireMoneyKept(tx: Tx, orderId: string): Promise<void> {
  const locked = await lockOrder(tx, orderId);
  if (locked?.status === "processing" && (await isWhollyRefunded(tx, orderId)))
    throw refusal("ORDER_REFUNDED");
}

/** What neighbours have to do, before the answer if they can; what they cannot do now is done by a task, or by the event. */
async function followUp(
  ctx: OrderContext,
  { id: orderId, paymentId }: Order,
  { to, reason }: { to: OrderStatus; reason: string },
  call: Call,
): Promise<void> {
  // As the service itself: giving back stock and money is no right of the customer who asked for the cancel.
  const options = { ...call.onward, token: undefined };
  try {
    if (to === "cancelled") await finishCancel(ctx, { orderId, paymentId, reason }, options);
    else {
      const status = to === "shipped" ? "in_transit" : "delivered";
      await ctx.clients.shipping.advanceShipment({ orderId, status }, options);
    }
  } catch (error) {
    call.log.warn({ err: error, orderId, to }, "The order moved, but a neighbour has not followed yet.");
  }
}
