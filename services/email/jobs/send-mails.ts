import type { Job } from "#platform/database/jobs.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import type { EmailContext } from "../context.ts";
import { PermanentRefusal, type MailSender } from "../provider.ts";
import { claimMail, markSent, noteFailure, type ClaimedMail } from "../store.ts";

/** About a day of trying. */
const attemptsMax = 10;

const outcomes = counter("stoa_mails_total", "Tries to send a mail, by outcome.", ["outcome"]);

/** Every process sends; a mail is only ever in the hands of one. */
export function sendMailsJob(ctx: EmailContext, sender: MailSender): Job {
  return {
    name: "send-mails",
    everyMs: 1_000,
    isExclusive: false,
    run: (signal) => sendMails(ctx, sender, signal),
  };
}

/** Sends what is due, one after the other. */
export async function sendMails(ctx: EmailContext, sender: MailSender, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const mail = await claimMail(ctx.db);
    if (!mail) return;
    await sendMail(ctx, sender, mail);
  }
}

async function sendMail(ctx: EmailContext, sender: MailSender, mail: ClaimedMail): Promise<void> {
  try {
    await sender.send(mail);
  } catch (error) {
    const isLast = error instanceof PermanentRefusal || mail.attempts >= attemptsMax;
    await noteFailure(ctx.db, mail.id, error instanceof Error ? error.message : String(error), isLast);
    outcomes.inc({ outcome: isLast ? "failed" : "retried" });
    const says = isLast
      ? "A mail could not be sent and is given up; set its status to queued to try again."
      : "A mail could not be sent; it is tried again later.";
    ctx.log[isLast ? "error" : "warn"]({ err: error, mailId: mail.id }, says);
    return;
  }
  await markSent(ctx.db, mail.id);
  outcomes.inc({ outcome: "sent" });
}
