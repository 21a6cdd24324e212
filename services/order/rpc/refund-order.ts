import type { RefundOrderRequest } from "#gen/stoa/order/v1/order_pb.js";
import { actorName } from "#platform/auth/actor.ts";
import { requireAdminOrService } from "#platform/auth/guards.ts";
import { invalid, isKind } from "#platform/kit/errors.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { OrderContext } from "../context.ts";
import { orderNotFound, refusal } from "../errors.ts";
import { orderMessage, refundMessage } from "../messages.ts";
import type { OrderRefund } from "../order.ts";
import { getRefund, reserveRefund } from "../refund-store.ts";
import { finishRefund } from "../refunds.ts";
import { findOrder } from "../store.ts";
import { getVisibleOrder } from "../visible-order.ts";

export async function refundOrder(ctx: OrderContext, request: RefundOrderRequest, call: Call) {
  requireAdminOrService(call);
  const { id: orderId } = await getVisibleOrder(ctx, request.orderId, call);
  const { amount, reason } = request;
  const refundId = request.refundId || newId();
  checkForm(request, refundId);
  await failpoint("order.refund.before-intent");
  const outcome = await reserveRefund(ctx.db, {
    orderId,
    refundId,
    amountMinor: amount?.minor,
    currency: amount?.currencyCode,
    reason,
    actor: actorName(call),
  });
  await failpoint("order.refund.after-intent");
  if (outcome === "not_paid") throw refusal("ORDER_NOT_PAID");
  if (outcome === "taken") throw refusal("REFUND_ID_TAKEN");
  if (outcome === "exceeds") throw refusal("REFUND_EXCEEDS_CAPTURED");
  const refund = await settled(ctx, await getRefund(ctx.db, orderId, refundId), call);
  if (refund.status === "refused") throw refusal("REFUND_EXCEEDS_CAPTURED");
  const order = await findOrder(ctx.db, orderId);
  if (!order) throw orderNotFound();
  return { refund: refundMessage(refund), order: orderMessage(order) };
}

function checkForm({ amount, reason }: RefundOrderRequest, refundId: string): void {
  if (amount && amount.minor <= 0n) throw invalid([{ path: "amount", message: "must be more than zero" }]);
  if (refundId.length > 100)
    throw invalid([{ path: "refund_id", message: "must have at most 100 characters" }]);
  if (reason.length > 500) throw invalid([{ path: "reason", message: "must have at most 500 characters" }]);
}

/** Pending is an answer too: the refund is written down, and the job brings it to its end. */
async function settled(ctx: OrderContext, refund: OrderRefund, call: Call): Promise<OrderRefund> {
  if (refund.status !== "pending") return refund;
  try {
    return await finishRefund(ctx, refund, { ...call.onward, token: undefined });
  } catch (error) {
    if (!isKind(error, "unavailable", "deadline_exceeded")) throw error;
    call.log.warn({ err: error, orderId: refund.orderId }, "A refund waits for the payment service.");
    return refund;
  }
}
