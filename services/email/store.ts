import type { Queryable } from "#platform/database/db.ts";
import { newId } from "#platform/kit/ids.ts";
import type { MailStatus, NewMail } from "./mail.ts";
import type { OutgoingMail } from "./provider.ts";

/** Writes the mail unless there is one for this order, template and part; its id if it did. */
export async function insertMail(
  db: Queryable,
  mail: NewMail,
  status: MailStatus,
  lastError: string | null,
): Promise<string | undefined> {
  const mailId = newId();
  const { orderId, template, part, recipient, subject, html, text } = mail;
  const inserted = await db.run(
    `insert into mails (id, order_id, template, part, recipient, subject, html, text, status, last_error)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (order_id, template, part) do nothing`,
    [mailId, orderId, template, part, recipient, subject, html, text, status, lastError],
  );
  return inserted === 1 ? mailId : undefined;
}

/** Mails that wait to be sent, as tasks. */
export const queuedMails = "select id::text, '{}'::jsonb from mails where status = 'queued'";

/**
 * Takes a mail that is not sent for two minutes, which also keeps the release before from taking it: that one looks for due mails
 * itself. Undefined when it is sent, or in somebody's hand.
 */
export async function claimMail(db: Queryable, mailId: string): Promise<OutgoingMail | undefined> {
  return await db.row<OutgoingMail>(
    `update mails set attempts = attempts + 1, next_attempt_at = now() + interval '2 minutes'
     where id = $1 and status in ('queued', 'failed') and next_attempt_at <= now()
     returning id, recipient, subject, html, text`,
    [mailId],
  );
}

/** True while somebody has to send it. */
export async function isWaiting(db: Queryable, mailId: string): Promise<boolean> {
  const row = await db.row("select 1 from mails where id = $1 and status in ('queued', 'failed')", [mailId]);
  return row !== undefined;
}

export async function markSent(db: Queryable, mailId: string): Promise<void> {
  // What opens an account is kept no longer than it has to be.
  await db.run(
    `update mails set status = 'sent', sent_at = now(), last_error = null,
       html = case template when 'password-reset' then regexp_replace(html, 'token=[\\w-]+', 'token=…') else html end,
       text = case template when 'password-reset' then regexp_replace(text, 'token=[\\w-]+', 'token=…') else text end
     where id = $1`,
    [mailId],
  );
}

/** Notes a failed try and lets go of the mail, before its task comes up again. */
export async function noteFailure(db: Queryable, mailId: string, lastError: string): Promise<void> {
  await db.run(
    "update mails set last_error = $2, next_attempt_at = least(next_attempt_at, now() + interval '1 minute') where id = $1",
    [mailId, lastError.slice(0, 1_000)],
  );
}

/** The mail is given up; its next try begins only when somebody asks for one. */
export async function markFailed(db: Queryable, mailId: string, lastError: string): Promise<void> {
  await db.run(
    `update mails set status = 'failed', last_error = $2, next_attempt_at = now() where id = $1 and status <> 'sent'`,
    [mailId, lastError.slice(0, 1_000)],
  );
}

export interface MailRow {
  readonly id: string;
  readonly orderId: string;
  readonly template: string;
  readonly recipient: string;
  readonly subject: string;
  readonly status: MailStatus;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

const rowColumns = `id, order_id as "orderId", template, recipient, subject, status,
  created_at as "createdAt", sent_at as "sentAt"`;

/** Newest first, those before `beforeId`; of one order where it is named. */
export async function listMailRows(
  db: Queryable,
  orderId: string | null,
  beforeId: string | null,
  limit: number,
): Promise<MailRow[]> {
  return await db.rows<MailRow>(
    `select ${rowColumns} from mails
     where ($1::text is null or order_id = $1) and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [orderId, beforeId, limit],
  );
}

export async function countMails(db: Queryable, orderId: string | null): Promise<bigint> {
  const row = await db.row<{ count: bigint }>(
    "select count(*) as count from mails where $1::text is null or order_id = $1",
    [orderId],
  );
  return row?.count ?? 0n;
}

export async function findMail(
  db: Queryable,
  mailId: string,
): Promise<(MailRow & { html: string; text: string }) | undefined> {
  return await db.row(`select ${rowColumns}, html, text from mails where id = $1`, [mailId]);
}
