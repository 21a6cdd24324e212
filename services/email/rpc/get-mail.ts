import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { GetMailRequest } from "#gen/stoa/email/v1/email_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { asStaffSees } from "../account-mails.ts";
import type { EmailContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { findMail, type MailRow } from "../store.ts";

export async function getMail(ctx: EmailContext, { id }: GetMailRequest, call: Call) {
  requireAdmin(call);
  const mail = isUuid(id) ? await findMail(ctx.db, id) : undefined;
  if (!mail) throw refusal("MAIL_NOT_FOUND");
  return {
    mail: { ...mailMessage(mail), html: asStaffSees(mail, mail.html), text: asStaffSees(mail, mail.text) },
  };
}

/** A mail as admins see it, without its bodies. */
export function mailMessage({
  id,
  orderId,
  template,
  recipient,
  subject,
  status,
  createdAt,
  sentAt,
}: MailRow) {
  const sent = sentAt ? { sentAt: timestampFromDate(sentAt) } : {};
  return {
    id,
    orderId,
    template,
    recipient,
    subject,
    status,
    createdAt: timestampFromDate(createdAt),
    ...sent,
  };
}
