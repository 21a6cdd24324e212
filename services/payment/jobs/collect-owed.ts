import type { Job } from "#platform/database/jobs.ts";
import { finishCancelName, promiseCancel } from "../tasks/finish-cancel.ts";
import type { PaymentContext } from "../context.ts";
import { finishRefundName } from "../tasks/finish-refund.ts";
import { listUntoldPayments } from "../refund-news-store.ts";
import { listAbandonedCharges, openCancels, pendingRefunds } from "../store.ts";
import { tellRefunds } from "../tell-refunds.ts";

const batchSize = 50;

/** Holds nobody will capture are cancelled; what earlier releases left unfinished becomes tasks, or is told. */
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
      for (const { id: paymentId } of await listUntoldPayments(ctx.db, batchSize))
        await ctx.db.inTransaction(async (tx) => await tellRefunds(ctx, tx, paymentId));
    },
  };
}
