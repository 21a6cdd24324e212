import type { Queryable } from "#platform/database/db.ts";
import type { EmailContext } from "./context.ts";
import { isRecipient, type MailStatus, type NewMail } from "./mail.ts";
import { insertMail } from "./store.ts";

/** Puts a mail on its way, once: to the mail server, or into the drawer where there is none. Repeats change nothing. */
export async function queueMail(
  ctx: EmailContext,
  db: Queryable,
  mail: NewMail,
  isForeign: boolean,
): Promise<void> {
  if (!isRecipient(mail.recipient)) {
    const lastError = "The order names no mail address that a mail could be sent to.";
    if (await insertMail(db, mail, "failed", lastError))
      ctx.log.warn({ orderId: mail.orderId, template: mail.template }, lastError);
    return;
  }
  const isSent = ctx.sender !== undefined && (!isForeign || ctx.sendsForeignOrders);
  const status: MailStatus = isSent ? "queued" : "kept";
  await insertMail(db, mail, status, null);
}
