import type { Queryable } from "#platform/database/db.ts";
import type { Money } from "#platform/kit/money.ts";
import type { Payment } from "./payment.ts";
import type { ClientSession, ProviderData, ProviderState } from "./provider.ts";

const columns = `id, order_id as "orderId",
  case when status = 'none' and begun_at is not null then 'needs_action' else status end as status, amount_minor as "amountMinor", currency, captured_minor as "capturedMinor",
  refunded_minor as "refundedMinor", brand, last4, decline_reason as "declineReason",
  cancel_requested_at is not null as "isCancelRequested", cancelled_at is not null as "isCancelled", provider, session, provider_data as data`;

export async function findPayment(db: Queryable, paymentId: string): Promise<Payment | undefined> {
  return await db.row<Payment>(`select ${columns} from payments where id = $1`, [paymentId]);
}

export async function listPayments(db: Queryable, paymentIds: readonly string[]): Promise<Payment[]> {
  return await db.rows<Payment>(`select ${columns} from payments where id = any($1)`, [paymentIds]);
}

export interface SessionIntent {
  readonly key: string;
  readonly orderId: string | null;
  readonly amount: Money;
  readonly session: ClientSession;
  readonly provider: string;
}

/** Writes what the provider will be asked for. The first request counts; undefined when the payment was cancelled before. */
export async function insertSession(db: Queryable, intent: SessionIntent): Promise<Payment | undefined> {
  const { key, orderId, amount, session, provider } = intent;
  return await db.row<Payment>(
    `insert into payments as known (id, order_id, amount_minor, currency, session, provider, begun_at)
     values ($1, $2, $3, $4, $5, $6, now())
     on conflict (id) do update set begun_at = coalesce(known.begun_at, now()), session = coalesce(known.session, excluded.session),
       provider = coalesce(known.provider, excluded.provider), order_id = coalesce(known.order_id, excluded.order_id),
       amount_minor = greatest(known.amount_minor, excluded.amount_minor), currency = coalesce(known.currency, excluded.currency)
     where known.cancel_requested_at is null
     returning ${columns}`,
    [key, orderId, amount.minor, amount.currencyCode, JSON.stringify(session), provider],
  );
}

/** From now on the payment is that provider's, also where nothing else is known of it. */
export async function markProvider(db: Queryable, paymentId: string, provider: string): Promise<void> {
  await db.run(
    `insert into payments as known (id, provider) values ($1, $2)
     on conflict (id) do update set provider = excluded.provider where known.provider is null`,
    [paymentId, provider],
  );
}

export async function keepProviderData(db: Queryable, paymentId: string, data: ProviderData): Promise<void> {
  await db.run(
    `update payments set provider_data = coalesce(provider_data, '{}') || $2
     where id = $1 and not coalesce(provider_data, '{}') @> $2`,
    [paymentId, JSON.stringify(data)],
  );
}

/** Joins what the provider says with what is known, posts the ledger, and answers the outcome: one statement, in any order. */
export async function recordProviderState(db: Queryable, state: ProviderState): Promise<Payment> {
  const refunds = state.refunds.map(({ key, amountMinor }) => ({ key, amountMinor: amountMinor.toString() }));
  const payment = await db.row<Payment>(
    `select ${columns} from record_provider_state($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      state.key,
      state.orderId,
      state.isAuthorized,
      state.isVoided,
      state.declineReason,
      state.amountMinor,
      state.currency,
      state.capturedMinor,
      state.brand,
      state.last4,
      state.expiryMonth,
      state.expiryYear,
      JSON.stringify(refunds),
    ],
  );
  if (!payment) throw new Error("record_provider_state answered nothing.");
  return payment;
}

/** From here on the payment goes only backwards. Makes the row when there is none, as a bar to a late authorisation. */
export async function requestCancel(db: Queryable, paymentId: string, reason: string): Promise<Payment> {
  const payment = await db.row<Payment>(
    `insert into payments (id, cancel_requested_at, cancel_reason) values ($1, now(), $2)
     on conflict (id) do update set cancel_requested_at = coalesce(payments.cancel_requested_at, now()),
       cancel_reason = coalesce(payments.cancel_reason, excluded.cancel_reason), updated_at = now()
     returning ${columns}`,
    [paymentId, reason],
  );
  if (!payment) throw new Error("The upsert of a cancel answered nothing.");
  return payment;
}

/** Bars a payment of which nothing is known; one that is known stays as it is. Answers how it stands now. */
export async function barUnknown(db: Queryable, paymentId: string): Promise<Payment | undefined> {
  await db.run(
    `insert into payments as known (id, cancel_requested_at, cancel_reason) values ($1, now(), 'unknown when asked')
     on conflict (id) do update set cancel_requested_at = now(), cancel_reason = excluded.cancel_reason, updated_at = now()
     where known.status = 'none' and known.begun_at is null and known.cancel_requested_at is null`,
    [paymentId],
  );
  return await findPayment(db, paymentId);
}

export interface RefundWish {
  readonly refundId: string;
  readonly paymentId: string;
  /** Absent means all that is left. */
  readonly amountMinor: bigint | undefined;
  readonly currency: string | undefined;
  readonly reason: string;
}

export interface RefundReservation {
  readonly outcome: "reserved" | "known" | "exceeds" | "taken" | "not_found";
  readonly status: "pending" | "done" | "refused" | null;
  readonly amountMinor: bigint | null;
}

/** Writes the refund as pending if that much captured money has no other claim on it. */
export async function reserveRefund(db: Queryable, wish: RefundWish): Promise<RefundReservation> {
  const row = await db.row<RefundReservation>(
    `select outcome, refund_status as status, refund_amount as "amountMinor" from reserve_refund($1, $2, $3, $4, $5)`,
    [wish.paymentId, wish.refundId, wish.amountMinor ?? null, wish.currency ?? null, wish.reason],
  );
  if (!row) throw new Error("reserve_refund answered nothing.");
  return row;
}

/** The provider will not give this back: its amount is free for other refunds again. */
export async function markRefundRefused(db: Queryable, refundId: string): Promise<void> {
  await db.run(
    "update payment_refunds set status = 'refused', settled_at = now() where refund_id = $1 and status = 'pending'",
    [refundId],
  );
}

export interface PendingRefund {
  readonly refundId: string;
  readonly paymentId: string;
  readonly amountMinor: bigint;
}

/** Undefined when it is settled. */
export async function findPendingRefund(db: Queryable, refundId: string): Promise<PendingRefund | undefined> {
  return await db.row<PendingRefund>(
    `select refund_id as "refundId", payment_id as "paymentId", amount_minor as "amountMinor" from payment_refunds
     where refund_id = $1 and status = 'pending'`,
    [refundId],
  );
}

/** Refunds that are not settled, as tasks; a fresh one belongs to the request that wrote it. */
export const pendingRefunds = `select refund_id, '{}'::jsonb from payment_refunds
  where status = 'pending' and created_at < now() - interval '2 seconds'`;

/** Cancels that are not finished, as tasks. */
export const openCancels = `select id::text, '{}'::jsonb from payments
  where cancel_requested_at is not null and cancelled_at is null and cancel_requested_at < now() - interval '2 seconds'`;

/** Holds of direct charges that were never captured: nobody will ask for them again. */
export async function listAbandonedCharges(db: Queryable, limit: number): Promise<{ id: string }[]> {
  return await db.rows<{ id: string }>(
    `select id from payments where order_id is null and status = 'authorized' and cancel_requested_at is null
       and created_at < now() - interval '15 minutes' order by created_at limit $1`,
    [limit],
  );
}
