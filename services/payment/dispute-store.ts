import type { Queryable } from "#platform/database/db.ts";
import type { ProviderDispute } from "./provider.ts";

/** How far a dispute is: an answer that is late takes nothing back. */
const rank = `case %s when 'needs_response' then 0 when 'under_review' then 1 else 2 end`;
const isFurther = `${rank.replace("%s", "excluded.status")} > ${rank.replace("%s", "known.status")}`;

/** Keeps what the provider says of a payment's disputes; answers the ids of those that are new or have moved on. */
export async function recordDisputes(
  db: Queryable,
  paymentId: string,
  disputes: readonly ProviderDispute[],
): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(
    `insert into payment_disputes as known (dispute_id, payment_id, amount_minor, currency, reason, status)
     select said ->> 'id', $1, (said ->> 'amountMinor')::bigint, said ->> 'currency', said ->> 'reason', said ->> 'status'
     from jsonb_array_elements($2) as said
     on conflict (dispute_id) do update set status = excluded.status, amount_minor = excluded.amount_minor, updated_at = now()
     where ${isFurther}
     returning dispute_id as id`,
    [
      paymentId,
      JSON.stringify(
        disputes.map(({ amountMinor, ...dispute }) => ({ ...dispute, amountMinor: amountMinor.toString() })),
      ),
    ],
  );
  return rows.map(({ id }) => id);
}

export async function listDisputes(db: Queryable, paymentId: string): Promise<ProviderDispute[]> {
  return await db.rows<ProviderDispute>(
    `select dispute_id as id, amount_minor as "amountMinor", currency, reason, status from payment_disputes
     where payment_id = $1 order by opened_at, dispute_id`,
    [paymentId],
  );
}
