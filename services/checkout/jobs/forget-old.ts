import { sweepSize, type Job } from "#platform/database/jobs.ts";
import type { CheckoutContext } from "../context.ts";
import { deleteOld } from "../store.ts";

/** Ends what is kept for a time only: quotes, idempotency keys, and attempts to buy with the addresses in them. */
export function forgetOldJob({ db, config }: Pick<CheckoutContext, "db" | "config">): Job {
  return {
    name: "forget-old",
    everyMs: 3_600_000,
    isExclusive: true,
    run: async (signal) => {
      let hasMore = true;
      while (hasMore && !signal.aborted)
        hasMore = await deleteOld(db, config.CHECKOUT_RETENTION_DAYS, sweepSize);
    },
  };
}
