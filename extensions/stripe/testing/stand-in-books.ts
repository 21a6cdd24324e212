// The books of the stand-in: payment intents, charges, refunds, disputes and hosted pages, and how they move.
import { systemClock } from "#platform/kit/clock.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { StandInError, unexpectedState } from "./stand-in-error.ts";

export type Metadata = { readonly [name: string]: string };

export interface Intent {
  readonly object: "payment_intent";
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly capture_method: string;
  readonly client_secret: string;
  readonly created: number;
  readonly metadata: Metadata;
  readonly livemode: false;
  status: string;
  amount_received: number;
  amount_capturable: number;
  latest_charge: string | null;
  next_action: object | null;
  last_payment_error: object | null;
}

export interface Charge {
  readonly object: "charge";
  readonly id: string;
  readonly payment_intent: string;
  readonly amount: number;
  readonly currency: string;
  readonly created: number;
  readonly metadata: Metadata;
  readonly payment_method_details: object;
  status: string;
  captured: boolean;
  amount_captured: number;
  amount_refunded: number;
  disputed: boolean;
}

export interface Refund {
  readonly object: "refund";
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly payment_intent: string;
  readonly charge: string;
  readonly created: number;
  readonly metadata: Metadata;
  readonly status: string;
}

export interface Dispute {
  readonly object: "dispute";
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly payment_intent: string;
  readonly charge: string;
  readonly created: number;
  readonly metadata: Metadata;
  readonly reason: string;
  status: string;
}

export interface Page {
  readonly object: "checkout.session";
  readonly id: string;
  readonly created: number;
  readonly amount_total: number;
  readonly currency: string;
  readonly client_reference_id: string | null;
  readonly metadata: Metadata;
  readonly intentMetadata: Metadata;
  readonly success_url: string;
  readonly cancel_url: string;
  readonly url: string;
  status: string;
  payment_intent: string | null;
}

export type Emit = (type: string, object: object) => void;

export const testCards: { readonly [number: string]: "refused" | "without funds" | "challenged" } = {
  "4000000000000002": "refused",
  "4000000000009995": "without funds",
  "4000002760003184": "challenged",
};

export class StandInBooks {
  readonly intents = new Map<string, Intent>();
  readonly charges = new Map<string, Charge>();
  readonly refunds = new Map<string, Refund>();
  readonly disputes = new Map<string, Dispute>();
  readonly pages = new Map<string, Page>();
  /** Captures are answered as processing, until `settleCaptures`. */
  capturesLater = false;
  readonly #emit: Emit;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  createIntent(wish: Pick<Intent, "amount" | "currency" | "capture_method" | "metadata">): Intent {
    const id = newName("pi");
    const intent: Intent = {
      object: "payment_intent",
      id,
      ...wish,
      client_secret: `${id}_secret_${newRandomId().slice(0, 8)}`,
      created: nowSeconds(),
      livemode: false,
      status: "requires_payment_method",
      amount_received: 0,
      amount_capturable: 0,
      latest_charge: null,
      next_action: null,
      last_payment_error: null,
    };
    this.intents.set(id, intent);
    this.#emit("payment_intent.created", intent);
    return intent;
  }

  /** The buyer gives a card; throws the card error that their script would see. */
  confirm(intent: Intent, number: string, challengeUrl: string): Intent {
    if (!["requires_payment_method", "requires_confirmation", "requires_action"].includes(intent.status))
      throw unexpectedState(intent);
    const fate = testCards[number];
    if (fate === "refused" || fate === "without funds") throw this.#refuse(intent, fate);
    if (fate === "challenged") {
      intent.status = "requires_action";
      intent.next_action = { type: "redirect_to_url", redirect_to_url: { url: challengeUrl } };
      this.#emit("payment_intent.requires_action", intent);
      return intent;
    }
    return this.#hold(intent, number);
  }

  /** What the bank says of the buyer who was challenged. */
  endChallenge(intent: Intent, isPassed: boolean): Intent {
    if (intent.status !== "requires_action") throw unexpectedState(intent);
    if (isPassed) return this.#hold(intent, "4000002760003184");
    intent.status = "requires_payment_method";
    intent.next_action = null;
    intent.last_payment_error = {
      type: "invalid_request_error",
      code: "payment_intent_authentication_failure",
    };
    this.#emit("payment_intent.payment_failed", intent);
    return intent;
  }

  capture(intent: Intent, amount: number): Intent {
    if (intent.status !== "requires_capture") throw unexpectedState(intent);
    if (amount < 1 || amount > intent.amount_capturable)
      throw new StandInError(400, "invalid_request_error", {
        code: "amount_too_large",
        message: "More than what is held.",
      });
    intent.amount_capturable = 0;
    if (this.capturesLater) {
      intent.status = "processing";
      this.#later.push(() => this.#take(intent, amount));
      this.#emit("payment_intent.processing", intent);
    } else this.#take(intent, amount);
    return intent;
  }

  readonly #later: (() => void)[] = [];

  settleCaptures(): void {
    for (const settle of this.#later.splice(0)) settle();
  }

  cancel(intent: Intent): Intent {
    const isOpen = intent.status.startsWith("requires_");
    if (!isOpen) throw unexpectedState(intent);
    intent.status = "canceled";
    intent.amount_capturable = 0;
    intent.next_action = null;
    this.#emit("payment_intent.canceled", intent);
    return intent;
  }

  refund(intent: Intent, amount: number | undefined, metadata: Metadata): Refund {
    const charge = this.charges.get(intent.latest_charge ?? "");
    if (!charge?.captured)
      throw new StandInError(400, "invalid_request_error", {
        code: "charge_not_captured",
        message: "Nothing was taken.",
      });
    const left = charge.amount_captured - charge.amount_refunded;
    if (left === 0)
      throw new StandInError(400, "invalid_request_error", {
        code: "charge_already_refunded",
        message: "All was given back.",
      });
    if ((amount ?? left) > left)
      throw new StandInError(400, "invalid_request_error", {
        code: "amount_too_large",
        message: "More than what is left.",
      });
    const refund: Refund = {
      object: "refund",
      id: newName("re"),
      amount: amount ?? left,
      currency: charge.currency,
      payment_intent: intent.id,
      charge: charge.id,
      created: nowSeconds(),
      metadata,
      status: "succeeded",
    };
    this.refunds.set(refund.id, refund);
    charge.amount_refunded += refund.amount;
    this.#emit("refund.created", refund);
    this.#emit("charge.refunded", charge);
    return refund;
  }

  dispute(intent: Intent, amount: number): Dispute {
    const charge = this.charges.get(intent.latest_charge ?? "");
    if (!charge) throw unexpectedState(intent);
    const dispute: Dispute = {
      object: "dispute",
      id: newName("du"),
      amount,
      currency: charge.currency,
      payment_intent: intent.id,
      charge: charge.id,
      created: nowSeconds(),
      metadata: {},
      reason: "fraudulent",
      status: "needs_response",
    };
    charge.disputed = true;
    this.disputes.set(dispute.id, dispute);
    this.#emit("charge.dispute.created", dispute);
    return dispute;
  }

  closeDispute(dispute: Dispute, status: "won" | "lost"): void {
    dispute.status = status;
    this.#emit("charge.dispute.closed", dispute);
  }

  createPage(
    wish: Omit<Page, "object" | "id" | "created" | "url" | "status" | "payment_intent">,
    origin: string,
  ): Page {
    const id = newName("cs_test");
    const page: Page = {
      object: "checkout.session",
      id,
      ...wish,
      created: nowSeconds(),
      url: `${origin}/pay/${id}`,
      status: "open",
      payment_intent: null,
    };
    this.pages.set(id, page);
    return page;
  }

  /** The intent of a hosted page is made when its buyer first tries to pay. */
  intentOfPage(page: Page): Intent {
    const known = this.intents.get(page.payment_intent ?? "");
    if (known) return known;
    const { amount_total: amount, currency, intentMetadata: metadata } = page;
    const intent = this.createIntent({ amount, currency, capture_method: "manual", metadata });
    page.payment_intent = intent.id;
    return intent;
  }

  completePage(page: Page): void {
    page.status = "complete";
    this.#emit("checkout.session.completed", page);
  }

  expirePage(page: Page): Page {
    if (page.status !== "open")
      throw new StandInError(400, "invalid_request_error", {
        message: `Only Checkout Sessions with a status in ["open"] can be expired. This one is ${page.status}.`,
      });
    page.status = "expired";
    this.#emit("checkout.session.expired", page);
    return page;
  }

  #hold(intent: Intent, number: string): Intent {
    const brand = number.startsWith("5") ? "mastercard" : "visa";
    const card = { brand, last4: number.slice(-4), exp_month: 12, exp_year: 2040 };
    const charge: Charge = {
      object: "charge",
      id: newName("ch"),
      payment_intent: intent.id,
      amount: intent.amount,
      currency: intent.currency,
      created: nowSeconds(),
      metadata: intent.metadata,
      payment_method_details: { type: "card", card },
      status: "succeeded",
      captured: false,
      amount_captured: 0,
      amount_refunded: 0,
      disputed: false,
    };
    this.charges.set(charge.id, charge);
    intent.status = "requires_capture";
    intent.latest_charge = charge.id;
    intent.amount_capturable = intent.amount;
    intent.next_action = null;
    this.#emit("payment_intent.amount_capturable_updated", intent);
    this.#emit("charge.succeeded", charge);
    return intent;
  }

  #take(intent: Intent, amount: number): void {
    const charge = this.charges.get(intent.latest_charge ?? "");
    if (!charge) throw unexpectedState(intent);
    intent.status = "succeeded";
    intent.amount_received = amount;
    charge.captured = true;
    charge.amount_captured = amount;
    this.#emit("charge.captured", charge);
    this.#emit("payment_intent.succeeded", intent);
  }

  #refuse(intent: Intent, fate: "refused" | "without funds"): StandInError {
    const decline = fate === "refused" ? "generic_decline" : "insufficient_funds";
    const refused = new StandInError(402, "card_error", {
      code: "card_declined",
      message: "Your card was declined.",
      decline_code: decline,
    });
    intent.status = "requires_payment_method";
    intent.last_payment_error = { type: "card_error", code: "card_declined", decline_code: decline };
    this.#emit("payment_intent.payment_failed", intent);
    return refused;
  }
}

export function nowSeconds(): number {
  return Math.floor(systemClock.now().getTime() / 1000);
}

export function newName(prefix: string): string {
  return `${prefix}_${newRandomId().replaceAll("-", "")}`;
}
