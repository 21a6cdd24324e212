import { defineTask, type TaskDefinition } from "#platform/database/tasks.ts";
import type { OrderContext } from "../context.ts";
import { getRefund } from "../refund-store.ts";
import { finishRefund, finishRefundName } from "../refunds.ts";

/** Brings a refund to its end that a crash, or a payment service that was away, left pending. */
export function finishRefundTask(ctx: OrderContext): TaskDefinition {
  return defineTask<{ orderId: string; refundId: string }>({
    name: finishRefundName,
    // Money is owed for as long as it is not given back.
    policy: { attemptsMax: "never" },
    run: async ({ payload: { orderId, refundId }, call }) => {
      const refund = await getRefund(ctx.db, orderId, refundId);
      if (refund.status === "pending") await finishRefund(ctx, refund, call);
    },
  });
}
