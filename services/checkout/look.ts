import type { CallOptions } from "#platform/rpc/contract.ts";
import type { CheckoutContext } from "./context.ts";
import { refusal } from "./errors.ts";
import type { Outcome } from "./outcome.ts";
import { runSaga } from "./saga.ts";
import type { Checkout } from "./store.ts";
import { wake } from "./waiting-store.ts";
import { isPending, isTimeOver, waitingAnswer, type Waiting } from "./waiting.ts";

/**
 * Asks the provider how the payment of a waiting checkout is, and brings the checkout to its end if that is decided. Undefined when
 * somebody else was faster and is at work on it.
 */
export async function lookAtWaiting(
  ctx: CheckoutContext,
  checkout: Checkout,
  call: CallOptions,
): Promise<Outcome | Waiting | undefined> {
  const { id, paymentId } = checkout;
  const options = { ...call, timeoutMs: ctx.config.CHECKOUT_STEP_SECONDS * 1000 };
  const { payment } = await ctx.clients.payment.resolvePayment({ paymentId }, options);
  const isOver = payment !== undefined && isTimeOver(ctx, checkout, payment);
  if (payment && isPending(payment) && !isOver) return await waitingAnswer(ctx, checkout, payment, options);
  const woken = await wake(ctx.db, id, ctx.owner, ctx.config.CHECKOUT_LEASE_SECONDS);
  if (!woken) return undefined;
  const isGivenUp = isOver || payment?.status === "voided" || payment?.status === "declined";
  const journey = { card: undefined, call };
  return await runSaga(
    ctx,
    woken,
    isGivenUp ? { ...journey, refusal: refusal("PAYMENT_NOT_COMPLETED") } : journey,
  );
}
