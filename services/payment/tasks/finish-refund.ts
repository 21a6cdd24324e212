import { defineTask, type TaskDefinition } from "#platform/database/tasks.ts";
import type { PaymentContext } from "../context.ts";
import { finishRefund, finishRefundName } from "../refunds.ts";
import { findPendingRefund } from "../store.ts";

/** Takes up a refund that a crash, or a provider that was away, left half-way. The key is the refund's id. */
export function finishRefundTask(ctx: PaymentContext): TaskDefinition {
  return defineTask({
    name: finishRefundName,
    // Money is owed for as long as it is not given back.
    policy: { attemptsMax: "never" },
    run: async ({ key: refundId }) => {
      const refund = await findPendingRefund(ctx.db, refundId);
      if (refund) await finishRefund(ctx, refund);
    },
  });
}
