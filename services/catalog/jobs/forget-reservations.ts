import { sweepAll, type Job } from "#platform/database/jobs.ts";
import type { CatalogContext } from "../context.ts";
import { deleteEndedReservations } from "../stock-store.ts";

/** No call can still be under way for a reservation that ended so long ago. */
const keptDays = 30;

export function forgetReservationsJob({ db }: CatalogContext): Job {
  return {
    name: "forget-reservations",
    everyMs: 3_600_000,
    isExclusive: true,
    run: async (signal) =>
      await sweepAll(signal, async (size) => await deleteEndedReservations(db, keptDays, size)),
  };
}
