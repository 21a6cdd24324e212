// The port of the payment service: what it needs of the firm that moves the money. provider.contract.ts is its promises as tests.
import type { AppError } from "#platform/kit/errors.ts";
import { definePort } from "#platform/kit/extension.ts";
import type { Money } from "#platform/kit/money.ts";
import type { Card } from "./card.ts";
import { refusal } from "./errors.ts";

export const paymentPort = definePort<PaymentProvider, PaymentGiven>("payment");

/** What the payment service hands to whichever provider is chosen. */
export interface PaymentGiven {
  /** Takes a callback as if it had come over the network, for a provider that lives in this process. */
  readonly deliver: (callback: RawCallback) => Promise<void>;
}

/**
 * How buyers pay. `card`: we ask for the card and hand it on, which only a provider inside the shop may want. `session`: the buyer
 * tells the provider, in its element on our page (`embedded`) or on its own page (`redirect`), and we never see a card.
 */
export type PaymentMethod =
  | { readonly takes: "card" }
  | {
      readonly takes: "session";
      readonly presentations: readonly Presentation[];
      /** What the provider's script in the browser is opened with; public. */
      readonly publishableKey: string;
    };

export type Presentation = "embedded" | "redirect";

/** What a provider's session is made for. Frozen with the payment, so that a repeat asks for the same thing. */
export interface ClientSession {
  readonly presentation: Presentation;
  /** Where the buyer comes back to, whatever happened there. */
  readonly returnUrl: string;
  readonly email: string;
}

/** What the provider wants to be reminded of: its own names for the payment. Kept by us, never looked into, never shown. */
export type ProviderData = { readonly [name: string]: string };

/** All that is known of a payment when a provider is asked about it. */
export interface PaymentRef {
  /** Our payment id: the provider's idempotency key, and in its metadata. */
  readonly key: string;
  readonly orderId: string | null;
  /** Undefined when nothing but the key is known. */
  readonly amount: Money | undefined;
  /** What `authorize` was asked, where the provider takes sessions. */
  readonly session: ClientSession | undefined;
  /** Undefined while no answer of the provider is recorded. */
  readonly data: ProviderData | undefined;
}

export interface AuthorizeOrder {
  readonly key: string;
  readonly orderId: string | null;
  readonly amount: Money;
  /** There if and only if the provider takes cards. */
  readonly card?: Card | undefined;
  /** There if and only if the provider takes sessions. */
  readonly session?: ClientSession | undefined;
}

/**
 * What a provider knows of one payment at one moment. Facts in it only grow, so snapshots can be joined in any order; `action` and
 * `isProcessing` are of the moment.
 */
export interface ProviderState {
  /** Our payment id. */
  readonly key: string;
  readonly orderId: string | null;
  readonly isAuthorized: boolean;
  readonly isVoided: boolean;
  /** A no that stands. A card that was refused while the buyer may try another one is none. */
  readonly declineReason: string | null;
  readonly amountMinor: bigint;
  readonly currency: string | null;
  readonly capturedMinor: bigint;
  readonly refunds: readonly ProviderRefund[];
  readonly brand: string;
  readonly last4: string;
  readonly expiryMonth: number | null;
  readonly expiryYear: number | null;
  /** What the buyer must do before the money is held. */
  readonly action?: BuyerAction | undefined;
  /** The provider or the bank is at work, and its answer comes later: with a hold, or with a capture. */
  readonly isProcessing?: boolean | undefined;
  readonly disputes?: readonly ProviderDispute[] | undefined;
  readonly data?: ProviderData | undefined;
}

/** Exactly one of the two, as the session's presentation says. */
export interface BuyerAction {
  /** Opens the payment in the provider's script; whoever has it can pay, and see what is paid. */
  readonly clientSecret?: string | undefined;
  /** The provider's own page. */
  readonly redirectUrl?: string | undefined;
}

export interface ProviderRefund {
  readonly key: string;
  readonly amountMinor: bigint;
}

/** The buyer's bank takes the money back, and the merchant may answer. */
export interface ProviderDispute {
  /** The provider's name for it. */
  readonly id: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** In the provider's words. */
  readonly reason: string;
  readonly status: DisputeStatus;
}

export type DisputeStatus = "needs_response" | "under_review" | "won" | "lost";

/**
 * The firm that moves the money. Every operation is idempotent by its key and answers the payment's state afterwards: a decline, a
 * buyer who must act first, or a void that came too late is a state and no error. `nothingDone` means that nothing was done; after
 * any other error it is unknown whether it was, and `find` tells.
 */
export interface PaymentProvider {
  /** As the setting says it. */
  readonly name: string;
  readonly method: PaymentMethod;
  /** Holds the money, or begins what the buyer has to end. */
  authorize(order: AuthorizeOrder): Promise<ProviderState>;
  /** Takes the amount, or a part of it and frees the rest, if it is held and not voided. May be answered as processing. */
  capture(ref: PaymentRef, amount: Money): Promise<ProviderState>;
  /**
   * Frees what is held and ends what the buyer has not ended, for good: an `authorize` that is still on its way holds nothing
   * afterwards. A provider that takes cards bars any key, also one it never saw; one that takes sessions is asked only for payments
   * with an amount and a session. Does nothing to captured money.
   */
  void(ref: PaymentRef): Promise<ProviderState>;
  /** Gives captured money back. The refund is in the state's list unless it would have exceeded what was captured. */
  refund(ref: PaymentRef, refundKey: string, amount: Money): Promise<ProviderState>;
  /** What is known of the payment; undefined when there is none. */
  find(ref: PaymentRef): Promise<ProviderState | undefined>;
  /**
   * Reads news that the provider sent by itself. Refuses what it did not sign, or not lately: CALLBACK_INVALID. Undefined when it is
   * about no payment of this shop. News may come first, doubled, in any order, late or never: they only say where to look.
   */
  readCallback(callback: RawCallback): Promise<ProviderNews | undefined>;
  /** All payments that were made or changed since a moment, page by page, for reconciliation. */
  listChanges(page: ChangesPage): Promise<ChangedPayments>;
  /** Ends what runs by itself. */
  close?(): Promise<void>;
}

/** A callback as it came over the network. */
export interface RawCallback {
  /** Byte for byte, because a signature covers it. */
  readonly body: Uint8Array;
  /** By name in lower case. */
  readonly headers: { readonly [name: string]: string };
}

/** News that a payment has changed. What it is now, only `find` tells. */
export interface ProviderNews {
  /** The provider's name for this news; the same whenever it is sent again. */
  readonly id: string;
  /** Our payment id. */
  readonly key: string;
  /** What changed, in the provider's words. */
  readonly type: string;
  /** Where to look, if the news say so. */
  readonly data?: ProviderData | undefined;
}

export interface ChangesPage {
  readonly since: Date;
  /** What the page before said; undefined for the first one. */
  readonly cursor: string | undefined;
  /** May leave out payments that changed within this time: their news may still be on the way to us. */
  readonly settledSeconds: number;
  readonly limit: number;
}

export interface ChangedPayments {
  readonly states: readonly ProviderState[];
  /** Undefined when this was the last page. */
  readonly nextCursor: string | undefined;
}

/** For a provider that knows for sure that it has done nothing: PAYMENT_UNAVAILABLE. */
export function nothingDone(): AppError {
  return refusal("PAYMENT_UNAVAILABLE");
}

/** For a callback that the provider did not send, or not lately: CALLBACK_INVALID. */
export function callbackInvalid(): AppError {
  return refusal("CALLBACK_INVALID");
}
