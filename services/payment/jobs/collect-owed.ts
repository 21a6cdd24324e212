import type { Job } from "#platform/database/jobs.ts";
import { finishCancelName, promiseCancel } from "../tasks/finish-cancel.ts";
import type { PaymentContext } from "../context.ts";
import { finishRefundName } from "../tasks/finish-refund.ts";
import { listAbandonedCharges, openCancels, pendingRefunds } from "../store.ts";

const batchSize = 50;

/** Holds nobody will capture are cancelled; refunds and cancels that a release without tasks left unfinished become tasks. */
export function collectOwedJob(ctx: PaymentContext): Job {
  return {
    name: "collect-owed",
    everyMs: 5_000,
    isExclusive: true,
    run: async () => {
      for (const { id: paymentId } of await listAbandonedCharges(ctx.db, batchSize))
        await promiseCancel(ctx, {}, { paymentId, reason: "The charge was not finished." });
      await ctx.tasks.collect(ctx.db, finishRefundName, pendingRefunds);
      await ctx.tasks.collect(ctx.db, finishCancelName, openCancels);
    },
  };
}
