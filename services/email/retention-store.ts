import type { Queryable } from "#platform/database/db.ts";

/** What is left of a forgotten mail: that it was there, so that it is not sent again. */
const forgotten =
  "recipient = '', subject = '', html = '', text = '', last_error = null, forgotten_at = now()";

/** Forgets mails that nobody waits for any more, so many days after they were written; tells how many. */
export async function forgetOldMails(db: Queryable, days: number, limit: number): Promise<number> {
  return await db.run(
    `update mails set ${forgotten} where id in
       (select id from mails where forgotten_at is null and created_at < now() - make_interval(days => $1)
          and status <> 'queued' order by created_at limit $2)`,
    [days, limit],
  );
}

/** Forgets every mail to a person; one that was still to be sent is not sent any more. */
export async function forgetMailsTo(db: Queryable, recipient: string): Promise<number> {
  return await db.run(
    `update mails set status = case status when 'queued' then 'kept' else status end, ${forgotten}
     where lower(recipient) = lower($1)`,
    [recipient],
  );
}
