import type { Queryable } from "#platform/database/db.ts";

/** The key of this database; `made` becomes it where there is none. */
export async function keepLinkKey(db: Queryable, made: Buffer): Promise<Buffer> {
  await db.run("insert into link_keys (key) values ($1) on conflict do nothing", [made]);
  const row = await db.row<{ key: Buffer }>("select key from link_keys");
  if (!row)
    throw new Error("The key for the links of mails was deleted a moment ago. Start the service again.");
  return row.key;
}
