import type { Job } from "#platform/database/jobs.ts";
import { listOpenCancelTasks, postponeCancelTask } from "../cancel-store.ts";
import { finishCancel } from "../cancels.ts";
import type { OrderContext } from "../context.ts";

/** Gives back what cancelled orders still hold after a crash, or while a neighbour was away. */
export function finishCancelsJob(ctx: OrderContext): Job {
  return {
    name: "finish-cancels",
    everyMs: 2_000,
    isExclusive: true,
    run: async (signal) => {
      for (const task of await listOpenCancelTasks(ctx.db, 50)) {
        if (signal.aborted) return;
        try {
          await finishCancel(ctx, task);
        } catch (error) {
          await postponeCancelTask(ctx.db, task.orderId);
          ctx.log.warn(
            { err: error, orderId: task.orderId },
            "A cancelled order still holds stock or money; giving it back is tried again.",
          );
        }
      }
    },
  };
}
