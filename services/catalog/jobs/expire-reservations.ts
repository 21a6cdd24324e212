import type { Job } from "#platform/database/jobs.ts";
import type { CatalogContext } from "../context.ts";
import { deleteEndedReservations, expireReservations } from "../stock-store.ts";

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

/** No call can still be under way for a reservation that ended so long ago. */
const keptDays = 30;

export function forgetReservationsJob({ db }: CatalogContext): Job {
  return {
    name: "forget-reservations",
    everyMs: 3_600_000,
    isExclusive: true,
    run: async () => {
      await deleteEndedReservations(db, keptDays);
    },
  };
}
