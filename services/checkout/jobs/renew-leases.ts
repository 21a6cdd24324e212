import type { Job } from "#platform/database/jobs.ts";
import type { CheckoutContext } from "../context.ts";
import { renewLeases } from "../store.ts";

/** Keeps other workers away from checkouts this process is still busy with. */
export function renewLeasesJob(ctx: CheckoutContext): Job {
  const leaseSeconds = ctx.config.CHECKOUT_LEASE_SECONDS;
  return {
    name: "renew-leases",
    everyMs: (leaseSeconds * 1000) / 3,
    isExclusive: false,
    run: async () => {
      if (ctx.atWork.size > 0) await renewLeases(ctx.db, [...ctx.atWork], ctx.owner, leaseSeconds);
    },
  };
}
