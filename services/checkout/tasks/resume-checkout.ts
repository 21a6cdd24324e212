import { defineTask, TaskPostponed, type TaskDefinition } from "#platform/database/tasks.ts";
import type { CheckoutContext } from "../context.ts";
import { runSaga } from "../saga.ts";
import { isEnded, takeOver } from "../store.ts";
import { resumeCheckoutName } from "../task-names.ts";

/** A day of trying, at last every five seconds: a buyer waits, and neighbours are mostly back soon. */
const policy = {
  firstDelaySeconds: 0.5,
  delayMaxSeconds: 5,
  attemptsMax: 17_280,
  timeoutSeconds: 120,
  parallelMax: 16,
};

/**
 * Takes up what a crash or a lost neighbour left open. The key is the checkout's id; its lease says whether somebody else is at
 * work on it, who may be a request that knows nothing of tasks.
 */
export function resumeCheckoutTask(ctx: CheckoutContext): TaskDefinition {
  return defineTask({
    name: resumeCheckoutName,
    policy,
    run: async ({ key: checkoutId, call: { requestId, trace } }) => {
      const leaseSeconds = ctx.config.CHECKOUT_LEASE_SECONDS;
      const checkout = await takeOver(ctx.db, checkoutId, ctx.owner, leaseSeconds);
      if (checkout) await runSaga(ctx, checkout, { card: undefined, call: { requestId, trace } });
      // One that waits for its buyer may be cut off again once it goes on, and a task that is done does not come back.
      if (!(await isEnded(ctx.db, checkoutId))) throw new TaskPostponed(leaseSeconds / 2);
    },
  });
}
