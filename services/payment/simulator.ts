// The built-in payment provider: deterministic, durable, and as idempotent as a real one.
import type { Clock } from "#platform/kit/clock.ts";
import type { Secret } from "#platform/kit/config.ts";
import type { Database } from "#platform/database/db.ts";
import type { Money } from "#platform/kit/money.ts";
import { deadlineExceeded } from "#platform/rpc/scope.ts";
import { assertOutsideTransaction } from "#platform/database/transaction-scope.ts";
import { refusal } from "./errors.ts";
import type {
  AuthorizeOrder,
  ChangedPayments,
  ChangesPage,
  PaymentProvider,
  PaymentRef,
  ProviderNews,
  ProviderState,
  RawCallback,
} from "./provider.ts";
import { readCallback } from "./simulator-callback.ts";
import type { CallbackSender } from "./simulator-callback-sender.ts";
import {
  captureCharge,
  findCharge,
  insertCharge,
  listChangedCharges,
  refundCharge,
  voidCharge,
} from "./simulator-store.ts";

export interface SimulatorOptions {
  readonly db: Database;
  readonly clock: Clock;
  /** How long every answer takes. */
  readonly delayMs: number;
  /** What callbacks are signed with; without it none is believed. */
  readonly callbackSecret?: Secret | undefined;
  /** Absent when it sends none. */
  readonly callbacks?: CallbackSender | undefined;
}

const declineReasons: { readonly [number: string]: string } = {
  "4000000000000002": "CARD_DECLINED",
  "4000000000009995": "FUNDS_INSUFFICIENT",
};
const failingNumber = "4000000000000119";
const lostAnswerNumber = "4000000000000259";

export class ProviderSimulator implements PaymentProvider {
  readonly name: string = "simulator";
  readonly method = { takes: "card" } as const;
  readonly #options: SimulatorOptions;

  constructor(options: SimulatorOptions) {
    this.#options = options;
  }

  async authorize({ key, orderId, amount, card }: AuthorizeOrder): Promise<ProviderState> {
    const db = await this.#connect("authorize");
    if (!card) throw new Error("The built-in payment provider takes cards, and was given none.");
    const number = card.number.reveal();
    if (number === failingNumber) {
      const known = await findCharge(db, key);
      if (!known) throw refusal("PAYMENT_UNAVAILABLE");
      return known;
    }
    const { brand, last4, expiryMonth, expiryYear } = card;
    const made = await insertCharge(db, {
      key,
      orderId,
      declineReason: declineReasons[number] ?? null,
      amountMinor: amount.minor,
      currency: amount.currencyCode,
      brand,
      last4,
      expiryMonth,
      expiryYear,
    });
    if (made?.isAuthorized) this.#options.callbacks?.send({ type: "payment.authorized", key });
    if (made && number === lostAnswerNumber) throw deadlineExceeded();
    return made ?? (await this.#get(key));
  }

  async capture({ key }: PaymentRef, amount: Money): Promise<ProviderState> {
    const db = await this.#connect("capture");
    const captured = await captureCharge(db, key, amount.minor);
    if (captured) this.#options.callbacks?.send({ type: "payment.captured", key });
    return captured ?? (await this.#get(key));
  }

  async void({ key }: PaymentRef): Promise<ProviderState> {
    const db = await this.#connect("void");
    const voided = await voidCharge(db, key);
    if (voided) this.#options.callbacks?.send({ type: "payment.voided", key });
    return voided ?? (await this.#get(key));
  }

  async refund({ key }: PaymentRef, refundKey: string, amount: Money): Promise<ProviderState> {
    const db = await this.#connect("refund");
    const isGiven = await refundCharge(db, key, refundKey, amount.minor);
    if (isGiven) this.#options.callbacks?.send({ type: "payment.refunded", key, part: refundKey });
    return await this.#get(key);
  }

  async find({ key }: PaymentRef): Promise<ProviderState | undefined> {
    return await findCharge(await this.#connect("find"), key);
  }

  async readCallback(callback: RawCallback): Promise<ProviderNews> {
    const { clock, callbackSecret: secret } = this.#options;
    return await Promise.resolve(readCallback({ ...callback, secret, now: clock.now() }));
  }

  async listChanges(page: ChangesPage): Promise<ChangedPayments> {
    const states = await listChangedCharges(await this.#connect("list"), page);
    return { states, nextCursor: states.at(-1)?.key };
  }

  async close(): Promise<void> {
    await this.#options.callbacks?.close();
  }

  /** A remote party answers late, and is never asked while a transaction of ours holds locks. */
  async #connect(operation: string): Promise<Database> {
    assertOutsideTransaction(`payment provider ${operation}`);
    const { db, clock, delayMs } = this.#options;
    if (delayMs > 0) await clock.sleep(delayMs);
    return db;
  }

  async #get(key: string): Promise<ProviderState> {
    const state = await findCharge(this.#options.db, key);
    if (!state) throw new Error(`The provider knows no payment ${key}, although it was told of it.`);
    return state;
  }
}
