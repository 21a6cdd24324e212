import type { Job } from "#platform/database/jobs.ts";
import type { CheckoutContext } from "../context.ts";
import { abandonedCheckouts } from "../store.ts";
import { resumeCheckoutName } from "../task-names.ts";

/** Checkouts whose process let go of them become waiting work. Runs in every process. */
export function collectAbandonedJob(ctx: CheckoutContext): Job {
  return {
    name: "collect-abandoned",
    everyMs: 500,
    isExclusive: false,
    run: async () => await ctx.tasks.collect(ctx.db, resumeCheckoutName, abandonedCheckouts),
  };
}
