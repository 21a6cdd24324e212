import type { Queryable } from "#platform/database/db.ts";
import type { ProviderNews } from "./provider.ts";

export async function isCallbackKnown(db: Queryable, id: string): Promise<boolean> {
  const row = await db.row("select 1 from provider_callbacks where callback_id = $1", [id]);
  return row !== undefined;
}

/** Does nothing when another delivery of the same callback was faster. */
export async function insertCallback(db: Queryable, { id, key, type }: ProviderNews): Promise<void> {
  await db.run(
    `insert into provider_callbacks (callback_id, payment_id, type) values ($1, $2, $3)
     on conflict (callback_id) do nothing`,
    [id, key, type],
  );
}

/** How many were forgotten, at most `limit`. */
export async function deleteOldCallbacks(db: Queryable, limit: number): Promise<number> {
  return await db.run(
    `delete from provider_callbacks where callback_id in (
       select callback_id from provider_callbacks where received_at < now() - interval '30 days'
       order by received_at limit $1)`,
    [limit],
  );
}
