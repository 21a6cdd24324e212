import { RefundOrderResponseSchema, type RefundOrderRequest } from "#gen/stoa/order/v1/order_pb.js";
import { recordActivity } from "#platform/activity/activity.ts";
import { actorName } from "#platform/auth/actor.ts";
import { requireAdminOrService } from "#platform/auth/guards.ts";
import type { Tx } from "#platform/database/db.ts";
import { answerOnce, keyedRequest, type Transactor } from "#platform/database/kept-answers.ts";
import { invalid, isKind, type AppError } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { OrderContext } from "../context.ts";
import { exceedsWhatIsLeft, refusal } from "../errors.ts";
import { orderMessage, refundMessage } from "../messages.ts";
import type { OrderRefund } from "../order.ts";
import { getRefund, isRefundKnown, leftToRefund, reserveRefund } from "../refund-store.ts";
import { finishRefund, promiseRefund } from "../tasks/finish-refund.ts";
import { findOrder } from "../store.ts";
import { getVisibleOrder } from "../visible-order.ts";

export async function refundOrder(ctx: OrderContext, request: RefundOrderRequest, call: Call) {
  requireAdminOrService(call);
  const { id: orderId, currency, userId } = await getVisibleOrder(ctx, request.orderId, call);
  const { amount, reason, full } = request;
  checkForm(request, currency);
  const ask = keyedRequest(call, request.idempotencyKey, "refund-order.1", {
    orderId,
    refundId: request.refundId || undefined,
    amount: amount && { currencyCode: amount.currencyCode, minor: amount.minor },
    reason: reason || undefined,
    full: full || undefined,
  });
  return await answerOnce(ctx.db, ask, {
    answer: RefundOrderResponseSchema,
    effect: async (within) => await intent(ctx, within, { orderId, currency, userId, request, call }),
    reply: async (refundId) => {
      const refund = await settled(ctx, await getRefund(ctx.db, orderId, refundId), call);
      if (refund.status === "refused") throw await refusedAtLast(ctx, refund);
      const order = await findOrder(ctx.db, orderId);
      if (!order) throw refusal("ORDER_NOT_FOUND");
      return { refund: refundMessage(refund), order: orderMessage(order) };
    },
  });
}

/** Writes down that this much is to be given back, or refuses. */
async function intent(
  ctx: OrderContext,
  within: Transactor,
  ask: { orderId: string; currency: string; userId: string; request: RefundOrderRequest; call: Call },
): Promise<string> {
  const { orderId, currency, userId, request, call } = ask;
  const { amount, reason } = request;
  const refundId = request.refundId || newId();
  const wish = {
    orderId,
    refundId,
    amountMinor: amount?.minor,
    currency: amount?.currencyCode,
    reason,
    actor: actorName(call),
  };
  return await within.inTransaction(async (tx) => {
    const isKnown = await isRefundKnown(tx, orderId, refundId);
    const outcome = await reserveRefund(tx, wish);
    if (outcome === "not_paid") throw refusal("ORDER_NOT_PAID");
    if (outcome === "taken") throw refusal("REFUND_ID_TAKEN");
    if (outcome === "exceeds") throw exceedsWhatIsLeft(currency, await leftToRefund(tx, orderId));
    if (outcome === "pending") await promiseRefund(ctx, tx, call, { orderId, refundId });
    if (!isKnown) await recordRefund(tx, await getRefund(tx, orderId, refundId), { call, userId });
    return refundId;
  });
}

async function recordRefund(
  tx: Tx,
  { orderId, refundId, amountMinor, currency, reason }: OrderRefund,
  { call, userId }: { call: Call; userId: string },
): Promise<void> {
  await recordActivity(tx, {
    action: "order.refund",
    subject: { kind: "order", id: orderId },
    about: userId,
    reason,
    after: { refundId, amountMinor, currency },
    call,
  });
}

function checkForm({ amount, full, reason, refundId }: RefundOrderRequest, currency: string): void {
  if ((amount !== undefined) === full) {
    const [amountSays, fullSays] = full
      ? ["must not be given together with full", "must not be given together with amount"]
      : ["must be given, or full must be true", "must be true, or an amount must be given"];
    throw invalid([
      { path: "amount", message: amountSays },
      { path: "full", message: fullSays },
    ]);
  }
  if (amount && amount.currencyCode !== currency)
    throw invalid([
      { path: "amount.currencyCode", message: `must be ${currency}, the currency of this order` },
    ]);
  if (amount && amount.minor <= 0n) throw invalid([{ path: "amount", message: "must be more than zero" }]);
  if (refundId.length > 100)
    throw invalid([{ path: "refund_id", message: "must have at most 100 characters" }]);
  if (reason.length > 500) throw invalid([{ path: "reason", message: "must have at most 500 characters" }]);
}

/** The payment service knew of refunds that this one had not heard of, or the provider does not want to. */
async function refusedAtLast(ctx: OrderContext, refund: OrderRefund): Promise<AppError> {
  const { orderId, amountMinor, currency } = refund;
  const left = await leftToRefund(ctx.db, orderId);
  return amountMinor <= left ? refusal("REFUND_REFUSED") : exceedsWhatIsLeft(currency, left);
}

/** Pending is an answer too: the refund is written down, and a task brings it to its end. */
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
