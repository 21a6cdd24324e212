import type { Queryable } from "#platform/database/db.ts";

/** Deletes mails that nobody waits for any more, so many days after they were written; tells how many. */
export async function deleteOldMails(db: Queryable, days: number, limit: number): Promise<number> {
  return await db.run(
    `delete from mails where id in
       (select id from mails where created_at < now() - make_interval(days => $1) and status <> 'queued' limit $2)`,
    [days, limit],
  );
}

/** Deletes every mail to a person. */
export async function deleteMailsTo(db: Queryable, recipient: string): Promise<number> {
  return await db.run("delete from mails where lower(recipient) = lower($1)", [recipient]);
}
