import type { Job } from "#platform/database/jobs.ts";
import { finishCancel } from "../cancels.ts";
import type { PaymentContext } from "../context.ts";
import { finishRefund } from "../refunds.ts";
import { listAbandonedCharges, listStuckCancels, listStuckRefunds, requestCancel } from "../store.ts";

const batchSize = 50;

/** Takes up what a crash, or a provider that was away, left half-way: refunds, cancels, and holds nobody will capture. */
export function finishStuckJob(ctx: PaymentContext): Job {
  return {
    name: "finish-stuck-payments",
    everyMs: 1_500,
    isExclusive: true,
    run: async (signal) => {
      for (const { id } of await listAbandonedCharges(ctx.db, batchSize))
        await requestCancel(ctx.db, id, "The charge was not finished.");
      for (const refund of await listStuckRefunds(ctx.db, batchSize)) {
        if (signal.aborted) return;
        await attempt(ctx, refund.paymentId, () => finishRefund(ctx, refund));
      }
      for (const { id } of await listStuckCancels(ctx.db, batchSize)) {
        if (signal.aborted) return;
        await attempt(ctx, id, () => finishCancel(ctx, id, "Finished after an interruption."));
      }
    },
  };
}

/** One payment that cannot be finished yet must not hold up the others. */
async function attempt(ctx: PaymentContext, paymentId: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    ctx.log.warn({ err: error, paymentId }, "A refund or cancel could not be finished; it is tried again.");
  }
}
