import { sweepAll, type Job } from "#platform/database/jobs.ts";
import { deleteOldCallbacks } from "../callback-store.ts";
import type { PaymentContext } from "../context.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** No provider repeats a callback for a month; one that does has it recorded again, which changes nothing. */
export function forgetCallbacksJob(ctx: PaymentContext): Job {
  return {
    name: "forget-callbacks",
    everyMs: dayMs,
    isExclusive: true,
    run: async (signal) => await sweepAll(signal, async (size) => await deleteOldCallbacks(ctx.db, size)),
  };
}
