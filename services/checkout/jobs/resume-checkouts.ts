import { newRandomId } from "#platform/kit/ids.ts";
import type { Job } from "#platform/database/jobs.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import type { CheckoutContext } from "../context.ts";
import { runSaga } from "../saga.ts";
import { takeOverAbandoned } from "../store.ts";

const batchSize = 20;

/** Takes up what a crash or a lost neighbour left open. Runs in every process; no two get the same checkout. */
export function resumeCheckouts(ctx: CheckoutContext): Job {
  return {
    name: "resume-checkouts",
    everyMs: 500,
    isExclusive: false,
    run: async () => {
      const open = await takeOverAbandoned(ctx.db, ctx.owner, ctx.config.CHECKOUT_LEASE_SECONDS, batchSize);
      await Promise.allSettled(
        open.map((checkout) =>
          runSaga(ctx, checkout, {
            card: undefined,
            call: { requestId: newRandomId(), trace: traceFrom(undefined) },
          }),
        ),
      );
    },
  };
}
