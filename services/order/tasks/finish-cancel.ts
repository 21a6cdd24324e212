import { defineTask, type TaskDefinition } from "#platform/database/tasks.ts";
import { findOpenCancel } from "../cancel-store.ts";
import { finishCancel, finishCancelName } from "../cancels.ts";
import type { OrderContext } from "../context.ts";

/** Gives back what a cancelled order still holds after a crash, or while a neighbour was away. The key is the order's id. */
export function finishCancelTask(ctx: OrderContext): TaskDefinition {
  return defineTask({
    name: finishCancelName,
    // Money is owed for as long as it is not given back.
    policy: { attemptsMax: "never" },
    run: async ({ key: orderId, call }) => {
      const cancel = await findOpenCancel(ctx.db, orderId);
      if (cancel) await finishCancel(ctx, cancel, call);
    },
  });
}
