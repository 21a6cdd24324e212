import type { ProviderState } from "./provider.ts";

/** What both ledgers must agree on. */
export interface MoneyFacts {
  readonly amountMinor: bigint;
  readonly currency: string | null;
  readonly isAuthorized: boolean;
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly isVoided: boolean;
  readonly isDeclined: boolean;
}

export type Finding = "unknown_to_us" | "provider_ahead" | "unknown_to_provider" | "we_are_ahead";

export function factsOf(state: ProviderState): MoneyFacts {
  return {
    amountMinor: state.amountMinor,
    currency: state.currency,
    isAuthorized: state.isAuthorized,
    capturedMinor: state.capturedMinor,
    refundedMinor: state.refunds.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    isVoided: state.isVoided,
    isDeclined: state.declineReason !== null,
  };
}

/** Undefined when the two agree. Facts only grow, so what is behind can be mended by hearing the news; the opposite cannot. */
export function compareFacts(
  ours: MoneyFacts | undefined,
  theirs: MoneyFacts | undefined,
): Finding | undefined {
  if (!ours) return theirs && "unknown_to_us";
  if (!theirs) return "unknown_to_provider";
  const steps = [
    compare(ours.amountMinor, theirs.amountMinor),
    compare(ours.capturedMinor, theirs.capturedMinor),
    compare(ours.refundedMinor, theirs.refundedMinor),
    compare(Number(ours.isVoided), Number(theirs.isVoided)),
    compare(Number(ours.isDeclined), Number(theirs.isDeclined)),
  ];
  if (steps.includes(1) || (ours.currency !== null && ours.currency !== theirs.currency))
    return "we_are_ahead";
  // A hold is news only while it is one: afterwards some providers do not say that it was there.
  const isHeldUnknown = theirs.isAuthorized && !ours.isAuthorized;
  return isHeldUnknown || steps.includes(-1) || ours.currency !== theirs.currency
    ? "provider_ahead"
    : undefined;
}

function compare(a: bigint | number, b: bigint | number): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
