import type { Job } from "#platform/database/jobs.ts";
import type { EmailContext } from "../context.ts";
import { queuedMails } from "../store.ts";
import { sendMailName } from "../tasks/send-mail.ts";

/** Mails that a release without tasks has queued. May go with the columns it reads. */
export function collectMailsJob(ctx: EmailContext): Job {
  return {
    name: "collect-mails",
    everyMs: 5_000,
    isExclusive: true,
    run: async () => await ctx.tasks.collect(ctx.db, sendMailName, queuedMails),
  };
}
