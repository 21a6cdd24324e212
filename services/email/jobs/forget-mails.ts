import type { Database } from "#platform/database/db.ts";
import type { Job } from "#platform/database/jobs.ts";
import { forgetOldMails } from "../retention-store.ts";

const batchSize = 500;

/** Mails hold names and addresses: they go when nobody needs to look them up any more. */
export function forgetMailsJob(db: Database, days: number): Job {
  return {
    name: "forget-mails",
    everyMs: 3_600_000,
    isExclusive: true,
    run: async (signal) => {
      let done = batchSize;
      while (done === batchSize && !signal.aborted) done = await forgetOldMails(db, days, batchSize);
    },
  };
}
