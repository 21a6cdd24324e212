// How the built-in provider tells of changes by itself: signed, some time later, and again when nobody took it.
import { pause, type Clock } from "#platform/kit/clock.ts";
import type { Secret } from "#platform/kit/config.ts";
import { idFromName } from "#platform/kit/ids.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { PaymentGiven } from "./provider.ts";
import { signCallback } from "./simulator-callback.ts";

export interface CallbackSenderOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly secret: Secret;
  readonly delayMs: number;
  readonly deliver: PaymentGiven["deliver"];
}

export interface ProviderEvent {
  readonly type: "payment.authorized" | "payment.captured" | "payment.voided" | "payment.refunded";
  /** Our payment id. */
  readonly key: string;
  /** Tells events of one type on one payment apart. */
  readonly part?: string;
}

const attemptsMax = 5;
const repeatAfterMs = 500;

/** Keeps nothing on disk: what is under way when the process ends is lost, as callbacks may be. */
export class CallbackSender {
  readonly #options: CallbackSenderOptions;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: CallbackSenderOptions) {
    this.#options = options;
  }

  send(event: ProviderEvent): void {
    const delivery = this.#deliver(event).finally(() => this.#underWay.delete(delivery));
    this.#underWay.add(delivery);
  }

  /** Sends nothing any more; resolves when what is being delivered is done. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#underWay);
  }

  async #deliver({ type, key, part = "" }: ProviderEvent): Promise<void> {
    const { clock, log, secret, delayMs, deliver } = this.#options;
    const id = idFromName("stoa.payment.simulator.callback", `${type}:${key}:${part}`);
    const body = Buffer.from(JSON.stringify({ id, type, paymentId: key }));
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      await pause(clock, attempt === 0 ? delayMs : repeatAfterMs * 2 ** attempt, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      try {
        await deliver(signCallback(body, secret, clock.now()));
        return;
      } catch (error) {
        log.warn(
          { err: error, paymentId: key, type },
          "A callback of the payment provider could not be taken.",
        );
      }
    }
  }
}
