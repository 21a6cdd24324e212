import type { Job } from "#platform/database/jobs.ts";
import type { CheckoutContext } from "../context.ts";
import { oldestCheckout, openCheckouts } from "../metrics.ts";
import { listOpenStates } from "../store.ts";

/** Shows how many checkouts are open and how old the oldest is. Runs in every process. */
export function showCheckoutsJob(ctx: Pick<CheckoutContext, "db">): Job {
  return {
    name: "show-checkouts",
    everyMs: 15_000,
    isExclusive: false,
    run: async () => {
      const states = new Map((await listOpenStates(ctx.db)).map((state) => [state.status, state]));
      for (const status of ["running", "waiting", "undoing"] as const)
        openCheckouts.set({ status }, states.get(status)?.count ?? 0);
      const ages = [states.get("running"), states.get("undoing")].map((state) => state?.oldestSeconds ?? 0);
      oldestCheckout.set(Math.max(...ages));
    },
  };
}
