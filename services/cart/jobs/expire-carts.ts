import { sweepAll, type Job } from "#platform/database/jobs.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import type { CartContext } from "../context.ts";

const memoryMs = 90 * 24 * 3_600_000;

const abandonedCarts = counter("stoa_carts_abandoned_total", "Carts that expired with something in them.");

export function expireCartsJob({ stores, clock }: Pick<CartContext, "stores" | "clock">): Job {
  return {
    name: "expire-carts",
    everyMs: 60_000,
    isExclusive: true,
    run: async (signal) => {
      for (const store of stores.sweepable) {
        await sweepAll(signal, async (size) => {
          const { abandoned, swept } = await store.sweep(clock.now(), size);
          abandonedCarts.inc(abandoned);
          return swept;
        });
      }
      const before = new Date(clock.now().getTime() - memoryMs);
      await sweepAll(signal, async (size) => await stores.postgres.forgetOldRows(before, size));
    },
  };
}
