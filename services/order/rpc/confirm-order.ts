import { OrderPlacedSchema, type ConfirmOrderRequest } from "#gen/stoa/order/v1/order_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Tx } from "#platform/database/db.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { moveClaimedOrders } from "../claim-store.ts";
import type { OrderContext } from "../context.ts";
import { refusal, transitionInvalid } from "../errors.ts";
import { noteDone } from "../log-lines.ts";
import { orderMessage } from "../messages.ts";
import { countPlaced } from "../metrics.ts";
import type { Order } from "../order.ts";
import { confirmOrder as confirm, findOrder, noteTrackingNumber } from "../store.ts";

export async function confirmOrder(ctx: OrderContext, request: ConfirmOrderRequest, call: Call) {
  requireService(call);
  const { orderId, trackingNumber } = request;
  if (!isUuid(orderId)) throw refusal("ORDER_NOT_FOUND");
  const placed = await ctx.db.inTransaction(async (tx) => {
    const order = await confirmed(tx, orderId, trackingNumber === "" ? null : trackingNumber);
    if (order) {
      const payload = { order: orderMessage(order) };
      await ctx.outbox.emit(tx, call, OrderPlacedSchema, { aggregateId: orderId, payload });
      tx.onCommit(() => {
        noteDone(ctx.log, call, "placed", { order, amountMinor: order.totalMinor });
        countPlaced(order);
      });
    }
    return order;
  });
  if (placed) return { order: orderMessage(placed) };
  return { order: orderMessage(await getConfirmed(ctx, orderId, trackingNumber)) };
}

/** The order as its owner of now has it, if it was for us to confirm. */
async function confirmed(tx: Tx, orderId: string, trackingNumber: string | null): Promise<Order | undefined> {
  const order = await confirm(tx, orderId, trackingNumber);
  if (!order?.isClaimed) return order;
  await moveClaimedOrders(tx, order.userId);
  return await findOrder(tx, orderId);
}

async function getConfirmed(ctx: OrderContext, orderId: string, trackingNumber: string) {
  const known = await findOrder(ctx.db, orderId);
  if (!known) throw refusal("ORDER_NOT_FOUND");
  if (known.isAbandoned) throw refusal("ORDER_ABANDONED");
  if (known.status === "pending") throw refusal("ORDER_NOT_PAID");
  // Cancelled by the customer before anyone was told of it: there is nothing to announce.
  if (!known.isConfirmed) throw transitionInvalid(known.status, "processing");
  if (trackingNumber === "" || known.trackingNumber !== null) return known;
  await noteTrackingNumber(ctx.db, orderId, trackingNumber);
  return { ...known, trackingNumber };
}
