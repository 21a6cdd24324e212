// Events of the stand-in and how they travel: at once, late, doubled, reordered, or not at all.
import { createHmac } from "node:crypto";
import { systemClock } from "#platform/kit/clock.ts";
import type { RawCallback } from "../../../services/payment/provider.ts";
import { newName, nowSeconds } from "./stand-in-books.ts";

export interface StandInEvent {
  readonly object: "event";
  readonly id: string;
  readonly type: string;
  readonly created: number;
  readonly livemode: false;
  readonly data: { readonly object: object };
}

export type Travel = "at once" | "twice" | "held" | "lost";
export type Deliver = (callback: RawCallback) => Promise<void>;

const attemptsMax = 8;

export class StandInWebhooks {
  readonly events: StandInEvent[] = [];
  /** Every callback that left, whoever took it. */
  readonly sent: RawCallback[] = [];
  travel: Travel = "at once";
  deliver: Deliver = () => Promise.resolve();
  readonly #secret: string;
  readonly #held: StandInEvent[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #isClosed = false;

  constructor(secret: string) {
    this.#secret = secret;
  }

  emit(type: string, object: object): void {
    const event: StandInEvent = {
      object: "event",
      id: newName("evt"),
      type,
      created: nowSeconds(),
      livemode: false,
      data: { object: { ...object } },
    };
    this.events.push(event);
    if (this.travel === "held") this.#held.push(event);
    if (this.travel === "at once" || this.travel === "twice") this.#send(event);
    if (this.travel === "twice") this.#send(event);
  }

  /** Sends what was held, the last one first, and each of them this often. */
  async release(times = 1): Promise<void> {
    const held = this.#held.splice(0).reverse();
    for (const event of held) for (let time = 0; time < times; time += 1) this.#send(event);
    await this.settled();
  }

  /** Resolves when nothing is being delivered any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.settled();
  }

  sign(body: Uint8Array, secondsAgo = 0): RawCallback {
    const t = nowSeconds() - secondsAgo;
    const v1 = createHmac("sha256", this.#secret).update(`${t}.`).update(body).digest("hex");
    return { body, headers: { "stripe-signature": `t=${t},v1=${v1}`, "content-type": "application/json" } };
  }

  #send(event: StandInEvent): void {
    const delivery = this.#attempt(event).finally(() => this.#underWay.delete(delivery));
    this.#underWay.add(delivery);
  }

  async #attempt(event: StandInEvent): Promise<void> {
    const body = Buffer.from(JSON.stringify(event));
    for (let attempt = 0; attempt < attemptsMax && !this.#isClosed; attempt += 1) {
      if (attempt > 0) await systemClock.sleep(50 * 2 ** attempt);
      const callback = this.sign(body);
      this.sent.push(callback);
      try {
        return await this.deliver(callback);
      } catch {
        // Sent again later, as Stripe does for days.
      }
    }
  }
}
