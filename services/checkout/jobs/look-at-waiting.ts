import { newRandomId } from "#platform/kit/ids.ts";
import type { Job } from "#platform/database/jobs.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import type { CheckoutContext } from "../context.ts";
import { lookAtWaiting } from "../look.ts";
import type { Checkout } from "../store.ts";
import { listWaiting, takeDueLooks } from "../waiting-store.ts";

const dueMax = 20;
const waitingMax = 200;

/**
 * Brings on what buyers have paid whose browsers never came back. News that the payment service has recorded are seen within a
 * second; the provider itself is asked less and less often, for the case that its news were lost. Runs in every process.
 */
export function lookAtWaitingJob(ctx: CheckoutContext): Job {
  return {
    name: "look-at-waiting",
    everyMs: 1_000,
    isExclusive: false,
    run: async () => {
      const due = await takeDueLooks(ctx.db, dueMax);
      const moved = await movedMeanwhile(ctx, new Set(due.map(({ id }) => id)));
      await Promise.all([...due, ...moved].map(async (checkout) => await look(ctx, checkout)));
    },
  };
}

/** Those whose payment is recorded as something else than waiting. */
async function movedMeanwhile(ctx: CheckoutContext, besides: ReadonlySet<string>): Promise<Checkout[]> {
  const waiting = (await listWaiting(ctx.db, waitingMax)).filter(({ id }) => !besides.has(id));
  if (waiting.length === 0) return [];
  const paymentIds = waiting.map(({ paymentId }) => paymentId);
  const { payments } = await ctx.clients.payment.listPayments({ paymentIds });
  const moved = new Set(payments.filter(({ status }) => status !== "needs_action").map(({ id }) => id));
  return waiting.filter(({ paymentId }) => moved.has(paymentId)).slice(0, dueMax);
}

/** One that cannot be asked about now must not hold up the others. */
async function look(ctx: CheckoutContext, checkout: Checkout): Promise<void> {
  try {
    await lookAtWaiting(ctx, checkout, { requestId: newRandomId(), trace: traceFrom(undefined) });
  } catch (error) {
    ctx.log.warn(
      { err: error, checkoutId: checkout.id },
      "A waiting checkout could not be looked at; it is tried again.",
    );
  }
}
