import { sweepAll, type Job } from "#platform/database/jobs.ts";
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
      const expire = async (size: number) => {
        const ended = await expireReservations(db, size);
        if (ended > 0) log.info({ ended }, "Stock of reservations whose time was over can be bought again.");
        return ended;
      };
      await sweepAll(signal, expire, batchSize);
    },
  };
}
