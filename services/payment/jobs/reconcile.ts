import type { Job } from "#platform/database/jobs.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import type { PaymentContext } from "../context.ts";
import { insertDifference, listFacts, listRecentFacts } from "../reconciliation-store.ts";
import { compareFacts, factsOf, type MoneyFacts } from "../reconciliation.ts";
import { recordState, refTo } from "../record.ts";
import { findPayment } from "../store.ts";
import type { ProviderState } from "../provider.ts";

const limit = 200;
const settledSeconds = 300;
const dayMs = 24 * 60 * 60 * 1000;
/** A shop that was down for this long asks the provider by hand. */
const changesDays = 7;

const differences = counter(
  "stoa_payment_differences_total",
  "Payments on which the provider's ledger and ours did not agree, by finding.",
  ["finding"],
);

/** Once a day: the provider's ledger against ours, both ways. News we missed are recorded; the rest is for people. */
export function reconcileJob(ctx: PaymentContext): Job {
  return {
    name: "reconcile-payments",
    everyMs: dayMs,
    isExclusive: true,
    run: async (signal) => {
      await compareTheirs(ctx, signal);
      await compareOurs(ctx, signal);
    },
  };
}

async function compareTheirs(ctx: PaymentContext, signal: AbortSignal): Promise<void> {
  const since = new Date(ctx.clock.now().getTime() - changesDays * dayMs);
  let cursor: string | undefined;
  while (!signal.aborted) {
    const { states, nextCursor } = await ctx.provider.listChanges({ since, cursor, settledSeconds, limit });
    const known = await listFacts(
      ctx.db,
      states.map(({ key }) => key),
    );
    for (const state of states) await report(ctx, state.key, known.get(state.key), state);
    cursor = nextCursor;
    if (cursor === undefined) return;
  }
}

async function compareOurs(ctx: PaymentContext, signal: AbortSignal): Promise<void> {
  let after = "00000000-0000-0000-0000-000000000000";
  while (!signal.aborted) {
    const page = await listRecentFacts(ctx.db, after, settledSeconds, limit);
    for (const { id, ...ours } of page) {
      if (await isUnknownToProvider(ctx, id)) await report(ctx, id, ours, undefined);
      after = id;
    }
    if (page.length < limit) return;
  }
}

/** Payments that another provider has are asked of nobody. */
async function isUnknownToProvider(ctx: PaymentContext, paymentId: string): Promise<boolean> {
  const known = await findPayment(ctx.db, paymentId);
  if ((known?.provider ?? "simulator") !== ctx.provider.name) return false;
  return (await ctx.provider.find(refTo(ctx, paymentId, known))) === undefined;
}

async function report(
  ctx: PaymentContext,
  paymentId: string,
  ours: MoneyFacts | undefined,
  state: ProviderState | undefined,
): Promise<void> {
  const theirs = state && factsOf(state);
  const finding = compareFacts(ours, theirs);
  // Disputes are no part of the comparison; the provider's word on them is recorded whatever it is.
  if (state?.disputes?.length) await recordState(ctx, ctx.db, state);
  if (!finding) return;
  const isMended = finding === "unknown_to_us" || finding === "provider_ahead";
  if (isMended && state) await recordState(ctx, ctx.db, state);
  if (!(await insertDifference(ctx.db, { paymentId, finding, ours, theirs, isMended }))) return;
  differences.inc({ finding });
  if (isMended)
    ctx.log.warn({ paymentId, finding }, "The provider knew more of a payment than we did; it is recorded.");
  else
    ctx.log.error(
      { paymentId, finding },
      "Our ledger has a payment that the provider's has not. Ask the provider, and compare payment_differences.",
    );
}
