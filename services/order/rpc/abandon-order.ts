import type { AbandonOrderRequest } from "#gen/stoa/order/v1/order_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Tx } from "#platform/database/db.ts";
import { invalid } from "#platform/kit/errors.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { hideOrder, insertAbandonedHistory, insertAbandonedMark, lockOrder } from "../abandon-store.ts";
import { insertCancelTask } from "../cancel-store.ts";
import type { OrderContext } from "../context.ts";
import { transitionInvalid } from "../errors.ts";
import { orderEvent } from "../messages.ts";
import { moveOrder } from "../store.ts";

export async function abandonOrder(ctx: OrderContext, { orderId, reason }: AbandonOrderRequest, call: Call) {
  const actor = requireService(call);
  if (!isUuid(orderId)) throw invalid([{ path: "order_id", message: "must be a UUID in lower case" }]);
  await failpoint("order.abandon.before-commit");
  await ctx.db.inTransaction((tx) => abandon(ctx, tx, { orderId, actor, reason }));
  await failpoint("order.abandon.after-commit");
  return {};
}

async function abandon(
  ctx: OrderContext,
  tx: Tx,
  { orderId, actor, reason }: { orderId: string; actor: string; reason: string },
): Promise<void> {
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
  await insertCancelTask(tx, orderId, reason);
  await ctx.outbox.emit(tx, orderEvent("order.cancelled", cancelled));
}
