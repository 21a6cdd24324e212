import type { Queryable } from "#platform/database/db.ts";
import type { Finding, MoneyFacts } from "./reconciliation.ts";

export type KnownFacts = MoneyFacts & { readonly id: string };

const columns = `id, amount_minor as "amountMinor", currency, captured_minor as "capturedMinor", refunded_minor as "refundedMinor",
  is_authorized as "isAuthorized", is_voided as "isVoided", decline_reason is not null as "isDeclined"`;

export async function listFacts(
  db: Queryable,
  paymentIds: readonly string[],
): Promise<Map<string, KnownFacts>> {
  const rows = await db.rows<KnownFacts>(`select ${columns} from payments where id = any($1)`, [paymentIds]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Payments that moved in the last two days and have come to rest, in the order of their ids. */
export async function listRecentFacts(
  db: Queryable,
  after: string,
  settledSeconds: number,
  limit: number,
): Promise<KnownFacts[]> {
  return await db.rows<KnownFacts>(
    `select ${columns} from payments
     where id > $1 and status <> 'none'
       and updated_at between now() - interval '2 days' and now() - make_interval(secs => $2)
     order by id limit $3`,
    [after, settledSeconds, limit],
  );
}

export interface Difference {
  readonly paymentId: string;
  readonly finding: Finding;
  readonly ours: MoneyFacts | undefined;
  readonly theirs: MoneyFacts | undefined;
  readonly isMended: boolean;
}

/** True when this is a new finding. */
export async function insertDifference(db: Queryable, difference: Difference): Promise<boolean> {
  const { paymentId, finding, ours, theirs, isMended } = difference;
  const inserted = await db.run(
    `insert into payment_differences (payment_id, finding, ours, theirs, is_mended) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [paymentId, finding, factsJson(ours), factsJson(theirs), isMended],
  );
  return inserted === 1;
}

function factsJson(facts: MoneyFacts | undefined): string | null {
  if (!facts) return null;
  return JSON.stringify(facts, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}
