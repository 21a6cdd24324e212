import { OrderCancelledSchema, type AbandonOrderRequest } from "#gen/stoa/order/v1/order_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Tx } from "#platform/database/db.ts";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { hideOrder, insertAbandonedHistory, insertAbandonedMark, lockOrder } from "../abandon-store.ts";
import { promiseCancel } from "../tasks/finish-cancel.ts";
import type { OrderContext } from "../context.ts";
import { transitionInvalid } from "../errors.ts";
import { noteDone } from "../log-lines.ts";
import { orderMessage } from "../messages.ts";
import { countCancelled } from "../metrics.ts";
import { moveOrder } from "../store.ts";

export async function abandonOrder(ctx: OrderContext, { orderId, reason }: AbandonOrderRequest, call: Call) {
  requireService(call);
  if (!isUuid(orderId)) throw invalid([{ path: "order_id", message: "must be a UUID in lower case" }]);
  await ctx.db.inTransaction((tx) => abandon(ctx, tx, { orderId, reason }, call));
  return {};
}

async function abandon(
  ctx: OrderContext,
  tx: Tx,
  { orderId, reason }: { orderId: string; reason: string },
  call: Call,
): Promise<void> {
  const actor = requireService(call);
  if (await insertAbandonedMark(tx, orderId))
    return await insertAbandonedHistory(tx, { orderId, from: null, actor, reason });
  const known = await lockOrder(tx, orderId);
  if (!known || known.isAbandoned || known.status === "cancelled") return;
  if (!known.isConfirmed && (known.status === "pending" || known.status === "processing")) {
    await hideOrder(tx, orderId);
    return await insertAbandonedHistory(tx, { orderId, from: known.status, actor, reason });
  }
  // The world knows of it already: it ends like any other order, in the open.
  const cancelled = await moveOrder(tx, { orderId, to: "cancelled", actor, reason });
  if (!cancelled) throw transitionInvalid(known.status, "cancelled");
  await promiseCancel(ctx, tx, call, { orderId, reason });
  tx.onCommit(() => {
    noteDone(ctx.log, call, "cancelled", { order: cancelled, amountMinor: cancelled.totalMinor });
    countCancelled(call);
  });
  const payload = { order: orderMessage(cancelled) };
  await ctx.outbox.emit(tx, call, OrderCancelledSchema, { aggregateId: orderId, payload });
}
