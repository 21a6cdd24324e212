import { defineTask, type TaskDefinition } from "#platform/database/tasks.ts";
import { finishCancel, finishCancelName } from "../cancels.ts";
import type { PaymentContext } from "../context.ts";
import { findPayment } from "../store.ts";

/** Takes up a cancel that a crash, or a provider that was away, left half-way. The key is the payment's id. */
export function finishCancelTask(ctx: PaymentContext): TaskDefinition {
  return defineTask({
    name: finishCancelName,
    // Money is owed for as long as it is not given back.
    policy: { attemptsMax: "never" },
    run: async ({ key: paymentId, call }) => {
      const known = await findPayment(ctx.db, paymentId);
      if (!known || known.isCancelled) return;
      const { isCancelled } = await finishCancel(ctx, call, {
        paymentId,
        reason: "Finished after an interruption.",
      });
      if (!isCancelled)
        throw new Error("Another refund of the payment is not settled yet; the rest waits for it.");
    },
  });
}
