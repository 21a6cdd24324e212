import type { Job } from "#platform/database/jobs.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import type { CartContext } from "../context.ts";
import { forgetOldRows, sweepExpiredCarts } from "../store.ts";

const batchSize = 500;
const memoryMs = 90 * 24 * 3_600_000;

const abandonedCarts = counter("stoa_carts_abandoned_total", "Carts that expired with something in them.");

export function expireCartsJob({ db, clock }: Pick<CartContext, "db" | "clock">): Job {
  return {
    name: "expire-carts",
    everyMs: 60_000,
    isExclusive: true,
    run: async (signal) => {
      for (let swept = batchSize; swept === batchSize && !signal.aborted;) {
        const batch = await sweepExpiredCarts(db, clock.now(), batchSize);
        abandonedCarts.inc(batch.abandoned);
        swept = batch.swept;
      }
      const before = new Date(clock.now().getTime() - memoryMs);
      while (!signal.aborted && (await forgetOldRows(db, before, batchSize)) > 0);
    },
  };
}
