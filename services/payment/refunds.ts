import { failpoint } from "#platform/kit/failpoint.ts";
import type { PaymentContext } from "./context.ts";
import { refusal } from "./errors.ts";
import type { Payment } from "./payment.ts";
import { recordState, refOf } from "./record.ts";
import {
  findPayment,
  markRefundRefused,
  reserveRefund,
  type PendingRefund,
  type RefundWish,
} from "./store.ts";

/** Intent first, then the provider, then the record. Undefined when there is not that much to give back. */
export async function refundPayment(ctx: PaymentContext, wish: RefundWish): Promise<Payment | undefined> {
  const { refundId, paymentId } = wish;
  await failpoint("payment.refund.before-intent");
  const { outcome, status, amountMinor } = await reserveRefund(ctx.db, wish);
  await failpoint("payment.refund.after-intent");
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
  const payment = await recordState(ctx, ctx.db, state);
  await failpoint("payment.refund.after-record");
  if (state.refunds.some(({ key }) => key === refundId)) return payment;
  await markRefundRefused(ctx.db, refundId);
  return undefined;
}
