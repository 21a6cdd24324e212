import type { Job } from "#platform/database/jobs.ts";
import type { CatalogContext } from "../context.ts";
import { expireReservations } from "../stock-store.ts";

const batchSize = 100;

/** Every process does it: rows that another one is ending are skipped. */
export function expireReservationsJob({ db, log }: CatalogContext): Job {
  return {
    name: "expire-reservations",
    everyMs: 3_000,
    isExclusive: false,
    run: async (signal) => {
      let ended = batchSize;
      while (ended === batchSize && !signal.aborted) {
        ended = await expireReservations(db, batchSize);
        if (ended > 0) log.info({ ended }, "Stock of reservations whose time was over can be bought again.");
      }
    },
  };
}
