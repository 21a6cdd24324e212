// Orders of guests who signed in.
import type { Queryable, Tx } from "#platform/database/db.ts";

export interface GuestClaim {
  readonly guestId: string;
  readonly userId: string;
  readonly claimedAt: Date;
}

const keptDays = 30;

/**
 * Writes down that a guest's orders, as far as they had begun by then, are an account's. The last sign-in counts; claims older than
 * any order that could still be written are forgotten on the way.
 */
export async function noteClaim(db: Queryable, { guestId, userId, claimedAt }: GuestClaim): Promise<void> {
  await db.run(
    `with forgotten as (
       delete from guest_claims where guest_id in
         (select guest_id from guest_claims where claimed_at < now() - make_interval(days => $4) and guest_id <> $1
          order by claimed_at limit 10 for update skip locked))
     insert into guest_claims (guest_id, user_id, begun_until) values ($1, $2, $3)
     on conflict (guest_id) do update set user_id = excluded.user_id, begun_until = excluded.begun_until, claimed_at = now()
     where excluded.begun_until > guest_claims.begun_until`,
    [guestId, userId, lastIdOf(claimedAt), keptDays],
  );
}

/** Hands over what the guest's claim covers and nobody has handed over yet. Answers how many orders that were. */
export async function moveClaimedOrders(tx: Tx, guestId: string): Promise<number> {
  const changed = await tx.rows<{ orderId: string }>(
    `with claimed as (
       select o.id, o.user_id, g.user_id as to_user_id, o.status
       from orders o join guest_claims g on g.guest_id = o.user_id
       where o.user_id = $1 and o.abandoned_at is null and o.id <= g.begun_until and g.user_id <> o.user_id
       order by o.id for update of o)
     insert into order_owner_changes (order_id, from_user_id, to_user_id, status)
     select id, user_id, to_user_id, status from claimed returning order_id as "orderId"`,
    [guestId],
  );
  if (changed.length === 0) return 0;
  return await tx.run(
    `update orders set user_id = c.to_user_id, updated_at = now()
     from order_owner_changes c
     where orders.id = any($2::uuid[]) and c.order_id = orders.id and c.from_user_id = orders.user_id and orders.user_id = $1`,
    [guestId, changed.map(({ orderId }) => orderId)],
  );
}

/** An account's claims go with the account; what it claimed stays its. */
export async function forgetClaims(tx: Tx, userId: string): Promise<void> {
  await tx.run("delete from guest_claims where user_id::text = $1", [userId]);
}

/** Ids of orders begin with their time: the highest that one begun in this millisecond can have. */
function lastIdOf(at: Date): string {
  const hex = at.getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7fff-bfff-ffffffffffff`;
}
