import type { Job } from "#platform/database/jobs.ts";
import type { OrderContext } from "../context.ts";
import { listStuckRefunds } from "../refund-store.ts";
import { finishRefund } from "../refunds.ts";

/** Brings refunds to their end that a crash, or a payment service that was away, left pending. */
export function finishRefundsJob(ctx: OrderContext): Job {
  return {
    name: "finish-refunds",
    everyMs: 1_500,
    isExclusive: true,
    run: async (signal) => {
      for (const refund of await listStuckRefunds(ctx.db, 50)) {
        if (signal.aborted) return;
        try {
          await finishRefund(ctx, refund);
        } catch (error) {
          const { orderId, refundId } = refund;
          ctx.log.warn({ err: error, orderId, refundId }, "A refund is still pending; it is tried again.");
        }
      }
    },
  };
}
