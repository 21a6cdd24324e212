import type { Database, Tx } from "#platform/database/db.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import type { PaymentContext } from "./context.ts";
import { recordDisputes } from "./dispute-store.ts";
import { refusal } from "./errors.ts";
import { atThisMoment, type Payment } from "./payment.ts";
import type { PaymentRef, ProviderState } from "./provider.ts";
import { findPayment, keepProviderData, markProvider, recordProviderState } from "./store.ts";
import { tellRefunds } from "./tell-refunds.ts";

/** Whose payments carry no name. */
const builtIn = "simulator";

const disputesSeen = counter(
  "stoa_payment_disputes_total",
  "Disputes of the payment provider that were opened or have moved on.",
  [],
);

/** Joins what the provider says with what is known, and answers the payment as it is now. In any order, however often. */
export async function recordState(
  ctx: PaymentContext,
  db: Database | Tx,
  state: ProviderState,
): Promise<Payment> {
  if (state.refunds.length > 0 && "inTransaction" in db)
    return await db.inTransaction(async (tx) => await recordState(ctx, tx, state));
  if (ctx.provider.name !== builtIn) await markProvider(db, state.key, ctx.provider.name);
  const payment = await recordProviderState(db, state);
  if (state.data) await keepProviderData(db, state.key, state.data);
  if ("isTransaction" in db && state.refunds.length > 0) await tellRefunds(ctx, db, state.key);
  const { disputes = [] } = state;
  for (const disputeId of disputes.length > 0 ? await recordDisputes(db, state.key, disputes) : []) {
    disputesSeen.inc({});
    ctx.log.error(
      { paymentId: state.key, disputeId },
      "A buyer's bank takes a payment back, or a dispute about one has moved on. Answer it at the payment provider in time.",
    );
  }
  return atThisMoment(payment, state);
}

/** What a provider is told when it is asked about a payment. Refused when another provider has it. */
export async function refOf(ctx: PaymentContext, paymentId: string): Promise<PaymentRef> {
  return refTo(ctx, paymentId, await findPayment(ctx.db, paymentId));
}

export function refTo(ctx: PaymentContext, key: string, known: Payment | undefined): PaymentRef {
  if (!known) return { key, orderId: null, amount: undefined, session: undefined, data: undefined };
  const { orderId, currency, amountMinor, session, data, provider } = known;
  // A row that only bars the payment belongs to no provider.
  if (currency !== null && (provider ?? builtIn) !== ctx.provider.name)
    throw refusal("PAYMENT_PROVIDER_OTHER");
  const amount = currency === null ? undefined : { currencyCode: currency, minor: amountMinor };
  return { key, orderId, amount, session: session ?? undefined, data: data ?? undefined };
}
