// Checkouts that wait for their buyers.
import type { Queryable } from "#platform/database/db.ts";
import { checkoutOf, columns, type Checkout, type CheckoutRow } from "./store.ts";

const firstLookSeconds = 2;
const lookSecondsMax = 60;

/** From here on nobody holds the checkout. False when it has ended meanwhile, or somebody else has it. */
export async function beginWaiting(db: Queryable, id: string, owner: string): Promise<boolean> {
  const changed = await db.run(
    `update checkouts set status = 'waiting', lease_until = now(), updated_at = now(),
       look_at = now() + make_interval(secs => $3)
     where id = $1 and owner = $2 and status = 'running'`,
    [id, owner, firstLookSeconds],
  );
  return changed === 1;
}

/** Takes a checkout out of its waiting; of several who try, one gets it. */
export async function wake(
  db: Queryable,
  id: string,
  owner: string,
  leaseSeconds: number,
): Promise<Checkout | undefined> {
  const row = await db.row<CheckoutRow>(
    `update checkouts c set status = 'running', owner = $2, lease_until = now() + make_interval(secs => $3),
       updated_at = now(), woken_at = now()
     where c.id = $1 and c.status = 'waiting'
     returning ${columns}`,
    [id, owner, leaseSeconds],
  );
  return row && checkoutOf(row);
}

/** Those whose turn it is; each comes again later and later, and no other worker gets it meanwhile. */
export async function takeDueLooks(db: Queryable, limit: number): Promise<Checkout[]> {
  const rows = await db.rows<CheckoutRow>(
    `update checkouts c set looks = looks + 1,
       look_at = least(now() + make_interval(secs => least($2 * power(2, least(looks, 10)), $3)), greatest(wait_until, now() + interval '1 second'))
     where c.id in (
       select id from checkouts where status = 'waiting' and look_at <= now()
       order by look_at limit $1 for update skip locked)
     returning ${columns}`,
    [limit, firstLookSeconds, lookSecondsMax],
  );
  return rows.map(checkoutOf);
}

/** The youngest of those that wait. */
export async function listWaiting(db: Queryable, limit: number): Promise<Checkout[]> {
  const rows = await db.rows<CheckoutRow>(
    `select ${columns} from checkouts c where c.status = 'waiting' order by c.updated_at desc limit $1`,
    [limit],
  );
  return rows.map(checkoutOf);
}
