import { defineTask, type Cause, type TaskDefinition } from "#platform/database/tasks.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import type { PaymentContext } from "../context.ts";
import type { Payment } from "../payment.ts";
import type { PaymentRef, ProviderState } from "../provider.ts";
import { recordState, refOf } from "../record.ts";
import { refundPayment } from "./finish-refund.ts";
import { findPayment, requestCancel } from "../store.ts";

export const finishCancelName = "finish-cancel";
/** Until then the request that cancels is given time to finish it. */
const headStartSeconds = 2;

/** Takes up a cancel that a crash, or a provider that was away, left half-way. The key is the payment's id. */
export function finishCancelTask(ctx: PaymentContext): TaskDefinition {
  return defineTask({
    name: finishCancelName,
    // Money is owed for as long as it is not given back.
    policy: { attemptsMax: "never" },
    run: async ({ key: paymentId, call }) => {
      const known = await findPayment(ctx.db, paymentId);
      if (!known || known.isCancelled) return;
      const { isCancelled } = await finishCancel(ctx, call, {
        paymentId,
        reason: "Finished after an interruption.",
      });
      if (!isCancelled)
        throw new Error("Another refund of the payment is not settled yet; the rest waits for it.");
    },
  });
}

/** Writes down that the payment goes only backwards from here on, and that somebody has to see to it. */
export async function promiseCancel(
  ctx: PaymentContext,
  cause: Cause,
  { paymentId, reason }: { readonly paymentId: string; readonly reason: string },
): Promise<void> {
  await ctx.db.inTransaction(async (tx) => {
    await requestCancel(tx, paymentId, reason);
    await ctx.tasks.add(tx, cause, {
      name: finishCancelName,
      key: paymentId,
      delaySeconds: headStartSeconds,
    });
  });
}

/** Carries out a cancel that is written down: voids, or gives back what is left. May be repeated and run in parallel. */
export async function finishCancel(
  ctx: PaymentContext,
  cause: Cause,
  { paymentId, reason }: { readonly paymentId: string; readonly reason: string },
): Promise<Payment> {
  await failpoint("payment.cancel.before-provider");
  const state = await voidAtProvider(ctx, await refOf(ctx, paymentId));
  await failpoint("payment.cancel.after-provider");
  const payment = await recordVoided(ctx, state);
  await failpoint("payment.cancel.after-record");
  if (payment.capturedMinor === 0n) return payment;
  const rest = {
    refundId: `cancel:${paymentId}`,
    paymentId,
    amountMinor: undefined,
    currency: undefined,
    reason,
  };
  return (await refundPayment(ctx, cause, rest)) ?? payment;
}

async function recordVoided(ctx: PaymentContext, state: ProviderState): Promise<Payment> {
  return await ctx.db.inTransaction(async (tx) => {
    const payment = await recordState(ctx, tx, state);
    if (payment.isCancelled) await ctx.tasks.complete(tx, finishCancelName, state.key);
    return payment;
  });
}

/** A session that was never begun is barred by our own mark: its intent would have been written before the provider was asked. */
async function voidAtProvider({ provider }: PaymentContext, ref: PaymentRef): Promise<ProviderState> {
  if (provider.method.takes === "card" || ref.session) return await provider.void(ref);
  return {
    key: ref.key,
    orderId: ref.orderId,
    isAuthorized: false,
    isVoided: true,
    declineReason: null,
    amountMinor: 0n,
    currency: null,
    capturedMinor: 0n,
    refunds: [],
    brand: "",
    last4: "",
    expiryMonth: null,
    expiryYear: null,
  };
}
