import type { Job } from "#platform/database/jobs.ts";
import { openCancels } from "../cancel-store.ts";
import { finishCancelName } from "../tasks/finish-cancel.ts";
import type { OrderContext } from "../context.ts";
import { pendingRefunds } from "../refund-store.ts";
import { finishRefundName } from "../tasks/finish-refund.ts";

/** Cancels and refunds that a release without tasks has left unfinished. */
export function collectOwedJob(ctx: OrderContext): Job {
  return {
    name: "collect-owed",
    everyMs: 5_000,
    isExclusive: true,
    run: async () => {
      await ctx.tasks.collect(ctx.db, finishCancelName, openCancels);
      await ctx.tasks.collect(ctx.db, finishRefundName, pendingRefunds);
    },
  };
}
