import type { Database } from "#platform/database/db.ts";
import { sweepAll, type Job } from "#platform/database/jobs.ts";
import { forgetOldMails } from "../retention-store.ts";

/** Mails hold names and addresses: they go when nobody needs to look them up any more. */
export function forgetMailsJob(db: Database, days: number): Job {
  return {
    name: "forget-mails",
    everyMs: 3_600_000,
    isExclusive: true,
    run: async (signal) => await sweepAll(signal, async (size) => await forgetOldMails(db, days, size)),
  };
}
