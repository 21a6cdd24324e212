// Buyers who began as guests and have an account by now.
import type { Queryable, Tx } from "#platform/database/db.ts";

/**
 * From now on the guest and the account are one buyer: quotes, keys and pending payments of the one are the other's too. An attempt
 * under way takes what was bought out of the account's cart, where the guest's has gone.
 */
export async function noteJoinedGuest(tx: Tx, guestId: string, userId: string): Promise<void> {
  await tx.run(
    `insert into joined_guests (guest_id, user_id) values ($1, $2)
     on conflict (guest_id) do update set user_id = excluded.user_id, joined_at = now()`,
    [guestId, userId],
  );
  await tx.run(
    `update checkouts set purchase = jsonb_set(purchase, '{cartUserId}', to_jsonb($2::text))
     where id in (
       select id from checkouts where status in ('running', 'undoing') and user_id = $1
       union all select id from checkouts where status = 'waiting' and user_id = $1)`,
    [guestId, userId],
  );
}

/** SQL for every id that the buyer in the parameter has acted under. */
export function actorsOf(parameter: string): string {
  return `(array(select guest_id from joined_guests where user_id = ${parameter}::uuid) || ${parameter}::uuid)`;
}

export async function isSameBuyer(db: Queryable, ownerId: string, callerId: string): Promise<boolean> {
  if (ownerId === callerId) return true;
  const joined = await db.row("select 1 from joined_guests where guest_id = $1 and user_id = $2", [
    ownerId,
    callerId,
  ]);
  return joined !== undefined;
}
