import {
  defineTask,
  TaskPostponed,
  TaskRefused,
  type Task,
  type TaskDefinition,
} from "#platform/database/tasks.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import { startSpan } from "#platform/telemetry/trace.ts";
import type { EmailContext } from "../context.ts";
import { PermanentRefusal, type MailSender } from "../provider.ts";
import { claimMail, isWaiting, markFailed, markSent, noteFailure } from "../store.ts";

export const sendMailName = "send-mail";

/** About a day of trying. */
const policy = {
  firstDelaySeconds: 120,
  delayMaxSeconds: 21_600,
  attemptsMax: 10,
  timeoutSeconds: 60,
  parallelMax: 2,
};
const postponeSeconds = 30;

const outcomes = counter("stoa_mails_total", "Tries to send a mail, by outcome.", ["outcome"]);

/** The key is the mail's id. */
export function sendMailTask(ctx: EmailContext, sender: MailSender): TaskDefinition {
  return defineTask({
    name: sendMailName,
    policy,
    run: async (task) => await sendMail(ctx, sender, task),
    onDead: async (tx, { key }, message) => {
      await markFailed(tx, key, message);
      outcomes.inc({ outcome: "failed" });
    },
  });
}

async function sendMail(ctx: EmailContext, sender: MailSender, { key: mailId, trace }: Task): Promise<void> {
  const mail = await claimMail(ctx.db, mailId);
  if (!mail) {
    if (!(await isWaiting(ctx.db, mailId))) return;
    // A process of the release before has it in hand, or waits with it.
    throw new TaskPostponed(postponeSeconds);
  }
  const span = startSpan("email", "send to the mail server", "client", trace);
  try {
    await sender.send(mail);
    span.end({ failed: false, attributes: { "mail.id": mailId } });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    span.end({ failed: true, attributes: { "mail.id": mailId } });
    await noteFailure(ctx.db, mailId, message);
    if (error instanceof PermanentRefusal) throw new TaskRefused(message, { cause: error });
    outcomes.inc({ outcome: "retried" });
    throw error;
  }
  await markSent(ctx.db, mailId);
  outcomes.inc({ outcome: "sent" });
}
