// Statements on the simulator's own ledger. Each is run on the database itself, so that each commits alone.
import { sqlState, type Database } from "#platform/database/db.ts";
import type { ChangesPage, ProviderState } from "./provider.ts";

type StateRow = Omit<ProviderState, "refunds"> & { refunds: { key: string; amountMinor: string }[] };

const columns = `key, order_id as "orderId", is_authorized as "isAuthorized", is_voided as "isVoided",
  decline_reason as "declineReason", amount_minor as "amountMinor", currency, captured_minor as "capturedMinor",
  brand, last4, expiry_month as "expiryMonth", expiry_year as "expiryYear",
  (select coalesce(jsonb_agg(jsonb_build_object('key', refund_key, 'amountMinor', amount_minor::text)), '[]')
   from provider.refunds where refunds.key = charges.key) as refunds`;

export type NewCharge = Pick<
  ProviderState,
  | "key"
  | "orderId"
  | "declineReason"
  | "amountMinor"
  | "currency"
  | "brand"
  | "last4"
  | "expiryMonth"
  | "expiryYear"
>;

/** Undefined when the key is taken. */
export async function insertCharge(db: Database, charge: NewCharge): Promise<ProviderState | undefined> {
  return stateOf(
    await db.row<StateRow>(
      `insert into provider.charges (key, order_id, is_authorized, decline_reason, amount_minor, currency, brand, last4,
         expiry_month, expiry_year)
       values ($1, $2, $3::text is null, $3, $4, $5, $6, $7, $8, $9)
       on conflict (key) do nothing returning ${columns}`,
      [
        charge.key,
        charge.orderId,
        charge.declineReason,
        charge.amountMinor,
        charge.currency,
        charge.brand,
        charge.last4,
        charge.expiryMonth,
        charge.expiryYear,
      ],
    ),
  );
}

/** What is held and not taken is freed. Undefined when that much is not held any more. */
export async function captureCharge(
  db: Database,
  key: string,
  amountMinor: bigint,
): Promise<ProviderState | undefined> {
  return stateOf(
    await db.row<StateRow>(
      `update provider.charges set captured_minor = $2
       where key = $1 and amount_minor >= $2 and is_authorized and not is_voided and captured_minor = 0
       returning ${columns}`,
      [key, amountMinor],
    ),
  );
}

/** Undefined when there is nothing to void: captured, or declined. */
export async function voidCharge(db: Database, key: string): Promise<ProviderState | undefined> {
  return stateOf(
    await db.row<StateRow>(
      `insert into provider.charges (key, is_voided) values ($1, true)
       on conflict (key) do update set is_voided = true
       where charges.captured_minor = 0 and charges.decline_reason is null
       returning ${columns}`,
      [key],
    ),
  );
}

/** False, and nothing done, when the refund is known or would exceed what was captured. */
export async function refundCharge(
  db: Database,
  key: string,
  refundKey: string,
  amountMinor: bigint,
): Promise<boolean> {
  try {
    const given = await db.run(
      `with charged as (
         update provider.charges set refunded_minor = refunded_minor + $3
         where key = $1 and refunded_minor + $3 <= captured_minor
           and not exists (select 1 from provider.refunds where refund_key = $2)
         returning key)
       insert into provider.refunds (refund_key, key, amount_minor) select $2, key, $3 from charged`,
      [key, refundKey, amountMinor],
    );
    return given === 1;
  } catch (error) {
    // The same refund asked for twice at once: the other one was faster, and this statement has left nothing behind.
    if (sqlState(error) !== "23505") throw error;
    return false;
  }
}

export async function findCharge(db: Database, key: string): Promise<ProviderState | undefined> {
  return stateOf(await db.row<StateRow>(`select ${columns} from provider.charges where key = $1`, [key]));
}

export async function listChangedCharges(db: Database, page: ChangesPage): Promise<ProviderState[]> {
  const rows = await db.rows<StateRow>(
    `select ${columns} from provider.charges
     where sequence > coalesce((select sequence from provider.charges where key = $1), 0)
       and changed_at between $2 and now() - make_interval(secs => $3) order by sequence limit $4`,
    [page.cursor ?? null, page.since, page.settledSeconds, page.limit],
  );
  return rows.map(stateOf).filter((state) => state !== undefined);
}

function stateOf(row: StateRow | undefined): ProviderState | undefined {
  if (!row) return undefined;
  const refunds = row.refunds.map(({ key, amountMinor }) => ({ key, amountMinor: BigInt(amountMinor) }));
  return { ...row, refunds };
}
