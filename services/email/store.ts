import type { Queryable } from "#platform/database/db.ts";
import { newId } from "#platform/kit/ids.ts";
import type { MailStatus, NewMail } from "./mail.ts";
import type { OutgoingMail } from "./provider.ts";

/** Writes the mail unless there is one for this order, template and part; true if it did. */
export async function insertMail(
  db: Queryable,
  mail: NewMail,
  status: MailStatus,
  lastError: string | null,
): Promise<boolean> {
  const { orderId, template, part, recipient, subject, html, text } = mail;
  const inserted = await db.run(
    `insert into mails (id, order_id, template, part, recipient, subject, html, text, status, last_error)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (order_id, template, part) do nothing`,
    [newId(), orderId, template, part, recipient, subject, html, text, status, lastError],
  );
  return inserted === 1;
}

export interface ClaimedMail extends OutgoingMail {
  readonly attempts: number;
}

/**
 * Takes the mail that waits longest. It comes up again by itself after two minutes, then four, and so on to six hours: whether this
 * try fails or the process dies.
 */
export async function claimMail(db: Queryable): Promise<ClaimedMail | undefined> {
  return await db.row<ClaimedMail>(
    `update mails set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => least(120 * 2 ^ attempts, 21600))
     where id = (select id from mails where status = 'queued' and next_attempt_at <= now()
       order by next_attempt_at limit 1 for update skip locked)
     returning id, recipient, subject, html, text, attempts`,
  );
}

export async function markSent(db: Queryable, mailId: string): Promise<void> {
  await db.run(`update mails set status = 'sent', sent_at = now(), last_error = null where id = $1`, [
    mailId,
  ]);
}

/** Notes a failed try; the last one ends the mail. */
export async function noteFailure(
  db: Queryable,
  mailId: string,
  lastError: string,
  isLast: boolean,
): Promise<void> {
  await db.run(
    `update mails set last_error = $2, status = case when $3 then 'failed' else status end where id = $1`,
    [mailId, lastError.slice(0, 1_000), isLast],
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
