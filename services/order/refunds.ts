import { isKind } from "#platform/kit/errors.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import { lockOrder } from "./abandon-store.ts";
import type { OrderContext } from "./context.ts";
import { orderEvent } from "./messages.ts";
import type { OrderRefund } from "./order.ts";
import { getRefund, noteRefunded, settleRefund } from "./refund-store.ts";
import { findOrder } from "./store.ts";

/** Asks for a refund that is written as pending, and settles it. What cannot be known now stays pending, for the job. */
export async function finishRefund(
  ctx: OrderContext,
  refund: OrderRefund,
  options?: CallOptions,
): Promise<OrderRefund> {
  const { orderId, refundId, amountMinor, currency, reason } = refund;
  const order = await findOrder(ctx.db, orderId);
  if (!order?.paymentId) throw new Error(`The order ${orderId} has a refund but no payment.`);
  const { paymentId } = order;
  let status: "done" | "refused" = "done";
  try {
    await failpoint("order.refund.before-payment");
    const amount = { currencyCode: currency, minor: amountMinor };
    // The payment service knows refunds of all orders; the name is this order's own.
    await ctx.clients.payment.refund(
      { paymentId, refundId: `${orderId}:${refundId}`, amount, reason },
      options,
    );
    await failpoint("order.refund.after-payment");
  } catch (error) {
    if (!isKind(error, "conflict", "not_found", "invalid")) throw error;
    status = "refused";
  }
  await ctx.db.inTransaction(async (tx) => {
    await lockOrder(tx, orderId);
    if (!(await settleRefund(tx, refund, status)) || status === "refused") return;
    await noteRefunded(tx, orderId);
    const now = await findOrder(tx, orderId);
    if (now) await ctx.outbox.emit(tx, orderEvent("order.refunded", now, { ...refund, status }));
  });
  await failpoint("order.refund.after-commit");
  return await getRefund(ctx.db, orderId, refundId);
}
