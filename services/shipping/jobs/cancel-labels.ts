import type { Job } from "#platform/database/jobs.ts";
import { Scope } from "#platform/rpc/scope.ts";
import type { ShippingContext } from "../context.ts";
import type { Carrier } from "../provider.ts";
import { claimCancel, settleCancel } from "../store.ts";

const timeoutMs = 20_000;

/** Every process tells the carrier of cancelled parcels; each parcel is only ever in the hands of one. */
export function cancelLabelsJob(ctx: ShippingContext, carrier: Carrier): Job {
  return {
    name: "cancel-labels",
    everyMs: 1_000,
    isExclusive: false,
    run: (signal) => cancelLabels(ctx, carrier, signal),
  };
}

/** One after the other, for as long as something is due; what fails comes up again later. */
export async function cancelLabels(
  ctx: ShippingContext,
  carrier: Carrier,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const owed = await claimCancel(ctx.db, carrier.name);
    if (!owed) return;
    const { orderId } = owed;
    try {
      const outcome = await carrier.cancelLabel(orderId, { scope: new Scope(ctx.clock, timeoutMs) });
      await settleCancel(ctx.db, owed);
      if (outcome === "handed_over")
        ctx.log.error(
          { orderId },
          "The parcel of a cancelled order is on its way; ask the carrier for it back.",
        );
    } catch (error) {
      ctx.log.warn(
        { err: error, orderId },
        "The carrier could not be told of a cancelled parcel; it is told later.",
      );
    }
  }
}
