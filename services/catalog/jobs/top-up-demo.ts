import type { Job } from "#platform/database/jobs.ts";
import type { CatalogContext } from "../context.ts";
import { topUpDemo } from "../demo-store.ts";
import { tellStockReason } from "../stock-store.ts";

/** A demo shop should not run dry under a load test. Products that are not the demo's have no level and are never touched. */
export function topUpDemoJob({ db }: CatalogContext): Job {
  return {
    name: "top-up-demo",
    everyMs: 2_000,
    isExclusive: true,
    run: async () => {
      await db.inTransaction(async (tx) => {
        await tellStockReason(tx, { reason: "demo top-up", actor: "catalog" });
        await topUpDemo(tx);
      });
    },
  };
}
