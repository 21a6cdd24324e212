import type { Queryable } from "#platform/database/db.ts";

/** Debits minus credits by account: what the ledger says of one payment. */
export async function ledgerOf(db: Queryable, paymentId: string): Promise<Record<string, bigint>> {
  const rows = await db.rows<{ account: string; balance: bigint }>(
    `select account, sum(case side when 'debit' then amount_minor else -amount_minor end)::bigint as balance
     from ledger_entries where payment_id = $1 group by account order by account`,
    [paymentId],
  );
  return Object.fromEntries(rows.map(({ account, balance }) => [account, balance]));
}
