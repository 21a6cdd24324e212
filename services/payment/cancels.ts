import { failpoint } from "#platform/kit/failpoint.ts";
import type { PaymentContext } from "./context.ts";
import type { Payment } from "./payment.ts";
import { refundPayment } from "./refunds.ts";
import { recordProviderState } from "./store.ts";

/** Carries out a cancel that is written down: voids, or gives back what is left. May be repeated and run in parallel. */
export async function finishCancel(ctx: PaymentContext, paymentId: string, reason: string): Promise<Payment> {
  await failpoint("payment.cancel.before-provider");
  const state = await ctx.provider.void(paymentId);
  await failpoint("payment.cancel.after-provider");
  const payment = await recordProviderState(ctx.db, state);
  await failpoint("payment.cancel.after-record");
  if (payment.capturedMinor === 0n) return payment;
  const rest = {
    refundId: `cancel:${paymentId}`,
    paymentId,
    amountMinor: undefined,
    currency: undefined,
    reason,
  };
  return (await refundPayment(ctx, rest)) ?? payment;
}
