import { defineTask, type Cause, type TaskDefinition } from "#platform/database/tasks.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import type { PaymentContext } from "../context.ts";
import { refusal } from "../errors.ts";
import type { Payment } from "../payment.ts";
import { recordState, refOf } from "../record.ts";
import {
  findPayment,
  findPendingRefund,
  markRefundRefused,
  reserveRefund,
  type PendingRefund,
  type RefundWish,
} from "../store.ts";

export const finishRefundName = "finish-refund";
/** Until then the request that asks for the refund is given time to finish it. */
const headStartSeconds = 2;

/** Takes up a refund that a crash, or a provider that was away, left half-way. The key is the refund's id. */
export function finishRefundTask(ctx: PaymentContext): TaskDefinition {
  return defineTask({
    name: finishRefundName,
    // Money is owed for as long as it is not given back.
    policy: { attemptsMax: "never" },
    run: async ({ key: refundId }) => {
      const refund = await findPendingRefund(ctx.db, refundId);
      if (refund) await finishRefund(ctx, refund);
    },
  });
}

/** Intent first, then the provider, then the record. Undefined when there is not that much to give back. */
export async function refundPayment(
  ctx: PaymentContext,
  cause: Cause,
  wish: RefundWish,
): Promise<Payment | undefined> {
  const { refundId, paymentId } = wish;
  const { outcome, status, amountMinor } = await ctx.db.inTransaction(async (tx) => {
    const reservation = await reserveRefund(tx, wish);
    if (reservation.outcome === "reserved")
      await ctx.tasks.add(tx, cause, {
        name: finishRefundName,
        key: refundId,
        delaySeconds: headStartSeconds,
      });
    return reservation;
  });
  if (outcome === "not_found") throw refusal("PAYMENT_NOT_FOUND");
  if (outcome === "taken") throw refusal("REFUND_ID_TAKEN");
  if (outcome === "exceeds" || status === "refused" || amountMinor === null) return undefined;
  if (status === "done") return await findPayment(ctx.db, paymentId);
  return await finishRefund(ctx, { refundId, paymentId, amountMinor });
}

/** Asks the provider for a refund that is written as pending; may be repeated and run in parallel. */
export async function finishRefund(ctx: PaymentContext, refund: PendingRefund): Promise<Payment | undefined> {
  const { refundId, paymentId, amountMinor } = refund;
  await failpoint("payment.refund.before-provider");
  const ref = await refOf(ctx, paymentId);
  if (!ref.amount) throw refusal("PAYMENT_NOT_FOUND");
  const { currencyCode } = ref.amount;
  const state = await ctx.provider.refund(ref, refundId, { currencyCode, minor: amountMinor });
  await failpoint("payment.refund.after-provider");
  const isDone = state.refunds.some(({ key }) => key === refundId);
  const payment = await ctx.db.inTransaction(async (tx) => {
    const recorded = await recordState(ctx, tx, state);
    if (!isDone) await markRefundRefused(tx, refundId);
    await ctx.tasks.complete(tx, finishRefundName, refundId);
    return recorded;
  });
  return isDone ? payment : undefined;
}
