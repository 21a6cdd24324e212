import { OrderRefundedSchema } from "#gen/stoa/order/v1/order_pb.js";
import type { Tx } from "#platform/database/db.ts";
import { defineTask, type Cause, type TaskDefinition } from "#platform/database/tasks.ts";
import { isKind } from "#platform/kit/errors.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import { lockOrder } from "../abandon-store.ts";
import type { OrderContext } from "../context.ts";
import { noteDone } from "../log-lines.ts";
import { orderMessage, refundMessage } from "../messages.ts";
import { countRefunded } from "../metrics.ts";
import type { OrderRefund } from "../order.ts";
import { getRefund, noteRefunded, settleRefund } from "../refund-store.ts";
import { findOrder } from "../store.ts";

export const finishRefundName = "finish-refund";
/** Until then the request that asks for the refund is given time to finish it. */
const headStartSeconds = 2;

/** Brings a refund to its end that a crash, or a payment service that was away, left pending. */
export function finishRefundTask(ctx: OrderContext): TaskDefinition {
  return defineTask<{ orderId: string; refundId: string }>({
    name: finishRefundName,
    // Money is owed for as long as it is not given back.
    policy: { attemptsMax: "never" },
    run: async ({ payload: { orderId, refundId }, call }) => {
      const refund = await getRefund(ctx.db, orderId, refundId);
      if (refund.status === "pending") await finishRefund(ctx, refund, call);
    },
  });
}

/** Writes down, with the refund itself, that it is to be settled. */
export async function promiseRefund(
  ctx: OrderContext,
  tx: Tx,
  cause: Cause,
  { orderId, refundId }: { readonly orderId: string; readonly refundId: string },
): Promise<void> {
  const payload = { orderId, refundId };
  const task = { name: finishRefundName, key: taskKey(payload), payload, delaySeconds: headStartSeconds };
  await ctx.tasks.add(tx, cause, task);
}

function taskKey({ orderId, refundId }: { readonly orderId: string; readonly refundId: string }): string {
  return `${orderId}:${refundId}`;
}

/** Asks for a refund that is written as pending, and settles it. What cannot be known now stays pending, for the job. */
export async function finishRefund(
  ctx: OrderContext,
  refund: OrderRefund,
  options: CallOptions,
): Promise<OrderRefund> {
  const { orderId, refundId, amountMinor, currency, reason } = refund;
  const order = await findOrder(ctx.db, orderId);
  if (!order?.paymentId) throw new Error(`The order ${orderId} has a refund but no payment.`);
  const { paymentId } = order;
  let status: "done" | "refused" = "done";
  try {
    const amount = { currencyCode: currency, minor: amountMinor };
    // The payment service knows refunds of all orders; the name is this order's own.
    await ctx.clients.payment.refund(
      { paymentId, refundId: `${orderId}:${refundId}`, amount, reason },
      options,
    );
  } catch (error) {
    if (!isKind(error, "conflict", "not_found", "invalid")) throw error;
    status = "refused";
  }
  await ctx.db.inTransaction(async (tx) => {
    await lockOrder(tx, orderId);
    await ctx.tasks.complete(tx, finishRefundName, taskKey(refund));
    if (!(await settleRefund(tx, refund, status)) || status === "refused") return;
    await noteRefunded(tx, orderId);
    const now = await findOrder(tx, orderId);
    if (!now) return;
    const payload = { order: orderMessage(now), refund: refundMessage({ ...refund, status }) };
    await ctx.outbox.emit(tx, options, OrderRefundedSchema, { aggregateId: orderId, payload });
    tx.onCommit(() => {
      noteDone(ctx.log, options, "refunded", { order: now, amountMinor });
      countRefunded(now, amountMinor);
    });
  });
  return await getRefund(ctx.db, orderId, refundId);
}
