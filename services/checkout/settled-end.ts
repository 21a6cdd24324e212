import type { Call } from "#platform/rpc/contract.ts";
import type { CheckoutContext } from "./context.ts";
import { lookAtWaiting } from "./look.ts";
import type { Outcome } from "./outcome.ts";
import { findCheckout, type Checkout } from "./store.ts";
import type { Waiting } from "./waiting.ts";

const pauseMs = 25;

/** How a checkout ends, or that it waits for its buyer: waits for whoever is at work on it, and looks at one that waits. */
export async function settledEnd(
  ctx: CheckoutContext,
  first: Checkout,
  call: Call,
): Promise<Outcome | Waiting> {
  let current = first;
  for (;;) {
    if (current.status === "waiting") {
      const { requestId, trace } = call;
      const end = await lookAtWaiting(ctx, current, { requestId, trace });
      if (end) return end;
    }
    if (current.status === "completed" || current.status === "refused") break;
    await ctx.clock.sleep(pauseMs, call.scope.signal);
    current = (await findCheckout(ctx.db, first.id)) ?? current;
  }
  if (!current.outcome) throw new Error(`Checkout ${current.id} has ended without an outcome.`);
  return current.outcome;
}
