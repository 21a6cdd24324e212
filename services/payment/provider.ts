import type { Money } from "#platform/kit/money.ts";
import type { Card } from "./card.ts";

/** What a provider knows of one payment at one moment. Every fact in it only grows, so snapshots can be joined in any order. */
export interface ProviderState {
  /** Our payment id: the provider's idempotency key. */
  readonly key: string;
  readonly orderId: string | null;
  readonly isAuthorized: boolean;
  readonly isVoided: boolean;
  readonly declineReason: string | null;
  readonly amountMinor: bigint;
  readonly currency: string | null;
  readonly capturedMinor: bigint;
  readonly refunds: readonly ProviderRefund[];
  readonly brand: string;
  readonly last4: string;
  readonly expiryMonth: number | null;
  readonly expiryYear: number | null;
}

export interface ProviderRefund {
  readonly key: string;
  readonly amountMinor: bigint;
}

export interface AuthorizeOrder {
  readonly key: string;
  readonly orderId: string | null;
  readonly amount: Money;
  readonly card: Card;
}

/**
 * The firm that moves the money. Every operation is idempotent by its key and answers the payment's state afterwards: a decline,
 * or a void that came too late, is a state and no error. PAYMENT_UNAVAILABLE means nothing was done; after any other error it is
 * unknown whether it was, and `find` tells.
 */
export interface PaymentProvider {
  authorize(order: AuthorizeOrder): Promise<ProviderState>;
  /** Takes the amount if it is held and not voided. */
  capture(key: string, amount: Money): Promise<ProviderState>;
  /** Frees what is held; for a key the provider never saw, bars a later authorisation. Does nothing to captured money. */
  void(key: string): Promise<ProviderState>;
  /** Gives captured money back. The refund is in the state's list unless it would have exceeded what was captured. */
  refund(key: string, refundKey: string, amountMinor: bigint): Promise<ProviderState>;
  find(key: string): Promise<ProviderState | undefined>;
  /** Reads news that the provider sent by itself. Refuses what it did not sign, or not lately: CALLBACK_INVALID. */
  parseCallback(body: Uint8Array, signature: string): ProviderCallback;
  /** A page of all payments in a fixed order, for reconciliation. */
  list(page: ProviderPage): Promise<ProviderState[]>;
}

/** News that a payment has changed. What it is now, only `find` tells. */
export interface ProviderCallback {
  /** The provider's name for this news; the same whenever it is sent again. */
  readonly id: string;
  /** Our payment id. */
  readonly key: string;
  /** What changed, in the provider's words. */
  readonly type: string;
}

export interface ProviderPage {
  /** Key of the last payment seen; undefined for the first page. */
  readonly after: string | undefined;
  /** Leaves out payments that changed within this time: their news may still be on the way to us. */
  readonly settledSeconds: number;
  readonly limit: number;
}
