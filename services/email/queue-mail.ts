import type { Tx } from "#platform/database/db.ts";
import type { Cause } from "#platform/database/tasks.ts";
import type { EmailContext } from "./context.ts";
import { startSpan, traceFrom } from "#platform/telemetry/trace.ts";
import { isRecipient, type NewMail } from "./mail.ts";
import { insertMail } from "./store.ts";
import { sendMailName } from "./tasks/send-mail.ts";

export interface QueuedMail {
  readonly mail: NewMail;
  /** About an order that is not ours. */
  readonly isForeign: boolean;
}

/** Puts a mail on its way, once: to the mail server, or into the drawer where there is none. Repeats change nothing. */
export async function queueMail(
  ctx: EmailContext,
  tx: Tx,
  cause: Cause,
  { mail, isForeign }: QueuedMail,
): Promise<void> {
  if (!isRecipient(mail.recipient)) {
    const lastError = "The order names no mail address that a mail could be sent to.";
    if (await insertMail(tx, mail, "failed", lastError))
      ctx.log.warn({ orderId: mail.orderId, template: mail.template }, lastError);
    return;
  }
  const isSent = ctx.sender !== undefined && (!isForeign || ctx.sendsForeignOrders);
  const status = isSent ? "queued" : "kept";
  const span = startSpan("email", `mail ${mail.template}`, "internal", cause.trace ?? traceFrom(undefined));
  let failed = true;
  let mailId: string | undefined;
  try {
    mailId = await insertMail(tx, mail, status, null);
    failed = false;
  } finally {
    span.end({
      failed,
      attributes: { "mail.status": status, ...(mailId === undefined ? {} : { "mail.id": mailId }) },
    });
  }
  if (isSent && mailId !== undefined) await ctx.tasks.add(tx, cause, { name: sendMailName, key: mailId });
}
