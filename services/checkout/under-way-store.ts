import type { Queryable } from "#platform/database/db.ts";
import type { UnderWayItem, UnderWayState, UnderWayStore } from "#platform/operations/under-way.ts";

/** Checkouts that have begun and not ended; the index on what is open names them all. */
export function checkoutsUnderWay(db: Queryable): UnderWayStore {
  return async (limit) => {
    const [items, states] = await Promise.all([listOpen(db, limit), countOpen(db)]);
    return { items, states };
  };
}

const isOpen = "status in ('running', 'undoing', 'waiting')";

async function listOpen(db: Queryable, limit: number): Promise<UnderWayItem[]> {
  return await db.rows<UnderWayItem>(
    `select id::text, status,
       case when status = 'waiting' then 'waits for the buyer'
         when lease_until < now() then 'waits for somebody to go on'
         when status = 'undoing' then 'is undone' else 'is placed' end as step,
       extract(epoch from now() - created_at)::float8 as "ageSeconds",
       case when status = 'waiting' then '' else owner end as owner,
       case when status = 'waiting' then coalesce(extract(epoch from wait_until - now()), 0)
         else extract(epoch from lease_until - now()) end::float8 as "heldSeconds"
     from checkouts where ${isOpen} order by created_at limit $1`,
    [limit],
  );
}

async function countOpen(db: Queryable): Promise<UnderWayState[]> {
  return await db.rows<UnderWayState>(
    `select status, count(*)::int as count, extract(epoch from now() - min(created_at))::float8 as "oldestSeconds"
     from checkouts where ${isOpen} group by status order by status`,
  );
}
