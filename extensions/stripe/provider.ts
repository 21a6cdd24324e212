// Stripe as an answer to the payment port: payment intents with manual capture, in their element or on their hosted page.
import { createHash } from "node:crypto";
import Stripe from "stripe";
import type { Clock } from "#platform/kit/clock.ts";
import type { Secret } from "#platform/kit/config.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Money } from "#platform/kit/money.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import {
  callbackInvalid,
  type AuthorizeOrder,
  type ChangedPayments,
  type ChangesPage,
  type ClientSession,
  type PaymentMethod,
  type PaymentProvider,
  type PaymentRef,
  type ProviderData,
  type ProviderNews,
  type ProviderState,
  type RawCallback,
} from "../../services/payment/provider.ts";
import { toStripeAmount } from "./amounts.ts";
import { listChangedPayments } from "./changes.ts";
import { asked, mayBeRefused, refusedAmount } from "./requests.ts";
import { newsOf } from "./news.ts";
import { readPayment } from "./readings.ts";
import { orderField, paymentField, refundField, stateOf } from "./state.ts";

export interface StripeOptions {
  readonly secretKey: Secret;
  readonly publishableKey: string;
  readonly webhookSecret: Secret;
  readonly apiBase: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Shorter than a step of an order may take, so that an answer that does not come is asked about again in time. */
const timeoutMs = 7_000;
const retriesMax = 3;
const toleranceSeconds = 300;

export class StripeProvider implements PaymentProvider {
  readonly name = "stripe";
  readonly method: PaymentMethod;
  readonly #options: StripeOptions;
  readonly #stripe: Stripe;

  constructor(options: StripeOptions) {
    this.#options = options;
    const { publishableKey, secretKey, apiBase } = options;
    this.method = { takes: "session", presentations: ["embedded", "redirect"], publishableKey };
    const { hostname, port, protocol } = new URL(apiBase);
    const isPlain = protocol === "http:";
    this.#stripe = new Stripe(secretKey.reveal(), {
      host: hostname,
      port: port === "" ? (isPlain ? 80 : 443) : port,
      protocol: isPlain ? "http" : "https",
      timeout: timeoutMs,
      maxNetworkRetries: retriesMax,
      telemetry: false,
      appInfo: { name: "Stoa" },
    });
  }

  async authorize(order: AuthorizeOrder): Promise<ProviderState> {
    return await this.#look(order.key, await this.#begin(order));
  }

  async capture(ref: PaymentRef, amount: Money): Promise<ProviderState> {
    const { key } = ref;
    const [data, intent] = await this.#intentOf(ref);
    if (intent === undefined) return await this.#look(key, data);
    const options = { idempotencyKey: `stoa-capture-${key}` };
    await mayBeRefused(this.#log(key), options, (once) =>
      this.#stripe.paymentIntents.capture(intent, { amount_to_capture: exact(amount) }, once),
    );
    return await this.#look(key, data);
  }

  /** One whose beginning nobody knows is begun under the same key, and so is the one that is ended, or the only one there will be. */
  async void(ref: PaymentRef): Promise<ProviderState> {
    const { key, amount, session } = ref;
    if (!amount || !session)
      throw new Error(`Payment ${key} was never asked of Stripe, and cannot be ended there.`);
    const data = ref.data ?? (await this.#begin({ ...ref, amount, session }));
    const page = data["page"];
    if (page !== undefined)
      await mayBeRefused(this.#log(key), {}, (once) => this.#stripe.checkout.sessions.expire(page, {}, once));
    const [, intent] = await this.#intentOf({ ...ref, data });
    if (intent !== undefined)
      await mayBeRefused(this.#log(key), {}, (once) => this.#stripe.paymentIntents.cancel(intent, {}, once));
    return await this.#look(key, data);
  }

  async refund(ref: PaymentRef, refundKey: string, amount: Money): Promise<ProviderState> {
    const { key } = ref;
    const [data, intent] = await this.#intentOf(ref);
    const known = await this.#look(key, data);
    if (intent === undefined || known.refunds.some((refund) => refund.key === refundKey)) return known;
    // A part of an amount that Stripe moves may be one that it does not.
    if (toStripeAmount(amount) === undefined) {
      refusedAmount(this.#log(key), amount);
      return known;
    }
    const metadata = { [paymentField]: key, [refundField]: refundKey };
    const options = { idempotencyKey: `stoa-refund-${shortKey(refundKey)}` };
    await mayBeRefused(this.#log(key), options, (once) =>
      this.#stripe.refunds.create({ payment_intent: intent, amount: exact(amount), metadata }, once),
    );
    return await this.#look(key, data);
  }

  async find(ref: PaymentRef): Promise<ProviderState | undefined> {
    const data = ref.data ?? (await this.#search(ref));
    return data && (await this.#look(ref.key, data));
  }

  async readCallback({ body, headers }: RawCallback): Promise<ProviderNews | undefined> {
    const { webhookSecret, clock } = this.#options;
    let event: Stripe.Event;
    try {
      event = await this.#stripe.webhooks.constructEventAsync(
        Buffer.from(body),
        headers["stripe-signature"] ?? "",
        webhookSecret.reveal(),
        toleranceSeconds,
        undefined,
        clock.now().getTime(),
      );
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) throw callbackInvalid();
      throw error;
    }
    return await newsOf(this.#stripe, event);
  }

  async listChanges(page: ChangesPage): Promise<ChangedPayments> {
    const { clock } = this.#options;
    return await listChangedPayments(this.#stripe, { ...page, now: clock.now() });
  }

  /** Makes the payment there, or finds the one that was made under the same key. */
  async #begin(order: PaymentRef | AuthorizeOrder): Promise<ProviderData> {
    const { key, orderId, amount, session } = order;
    if (!amount || !session) throw new Error(`Payment ${key} came without an amount or a session.`);
    const stripeAmount = toStripeAmount(amount);
    if (stripeAmount === undefined) throw refusedAmount(this.#log(key), amount);
    const currency = amount.currencyCode.toLowerCase();
    const metadata = { [paymentField]: key, ...(orderId === null ? {} : { [orderField]: orderId }) };
    const options = { idempotencyKey: `stoa-authorize-${key}` };
    if (session.presentation === "redirect") {
      const wish = pageWish(key, { currency, amount: stripeAmount, metadata, session });
      const { id } = await asked(this.#log(key), options, (once) =>
        this.#stripe.checkout.sessions.create(wish, once),
      );
      return { page: id };
    }
    const wish: Stripe.PaymentIntentCreateParams = {
      amount: stripeAmount,
      currency,
      metadata,
      capture_method: "manual",
      automatic_payment_methods: { enabled: true },
    };
    const { id } = await asked(this.#log(key), options, (once) =>
      this.#stripe.paymentIntents.create(wish, once),
    );
    return { intent: id };
  }

  async #look(key: string, data: ProviderData): Promise<ProviderState> {
    return stateOf(await asked(this.#log(key), {}, () => readPayment(this.#stripe, key, data)));
  }

  /** Where the money is, once there is any. */
  async #intentOf(ref: PaymentRef): Promise<[ProviderData, string | undefined]> {
    const data = ref.data ?? (await this.#search(ref));
    if (!data) throw new Error(`Stripe knows no payment ${ref.key}, although it was asked for.`);
    if (data["intent"] !== undefined) return [data, data["intent"]];
    const { intent } = await asked(this.#log(ref.key), {}, () => readPayment(this.#stripe, ref.key, data));
    return [data, intent?.id];
  }

  /** By our id in the metadata: among the newest first, because the index of their search is some time behind. */
  async #search({ key, session }: PaymentRef): Promise<ProviderData | undefined> {
    const isOurs = ({ metadata }: { metadata: Stripe.Metadata | null }) => metadata?.[paymentField] === key;
    if (session?.presentation === "redirect") {
      const { data: pages } = await this.#stripe.checkout.sessions.list({ limit: 100 });
      const page = pages.find(isOurs);
      if (page) return { page: page.id };
    }
    const { data: newest } = await this.#stripe.paymentIntents.list({ limit: 100 });
    const recent = newest.find(isOurs);
    if (recent) return { intent: recent.id };
    if (!isUuid(key)) return undefined;
    const query = `metadata["${paymentField}"]:"${key}"`;
    const [found] = (await this.#stripe.paymentIntents.search({ query, limit: 1 })).data;
    return found && { intent: found.id };
  }

  #log(paymentId: string): Logger {
    return this.#options.log.child({ paymentId });
  }
}

interface PageParts {
  readonly currency: string;
  readonly amount: number;
  readonly metadata: Stripe.MetadataParam;
  readonly session: ClientSession;
}

function pageWish(
  key: string,
  { currency, amount, metadata, session }: PageParts,
): Stripe.Checkout.SessionCreateParams {
  const { returnUrl, email } = session;
  return {
    mode: "payment",
    ui_mode: "hosted_page",
    client_reference_id: key,
    line_items: [
      { quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: "Your order" } } },
    ],
    payment_intent_data: { capture_method: "manual", metadata },
    metadata,
    success_url: returnUrl,
    cancel_url: returnUrl,
    ...(email === "" ? {} : { customer_email: email }),
  };
}

/** Of an amount that was authorised; a part of it may be one that Stripe cannot move. */
function exact(amount: Money): number {
  const known = toStripeAmount(amount);
  if (known === undefined)
    throw new Error(`Stripe cannot move ${amount.minor} minor units of ${amount.currencyCode}.`);
  return known;
}

/** Their keys have 255 characters at most. */
function shortKey(key: string): string {
  return key.length <= 200 ? key : createHash("sha256").update(key).digest("hex");
}
