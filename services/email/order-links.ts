import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import { keepLinkKey } from "./link-key-store.ts";

const dayMs = 24 * 3_600_000;

/** What a mail's link says beside the order's id: until when it opens that order, and a proof that we wrote it. */
export class OrderLinks {
  readonly #key: Buffer;
  readonly #clock: Clock;
  readonly #days: number;

  constructor(key: Buffer, clock: Clock, days: number) {
    this.#key = key;
    this.#clock = clock;
    this.#days = days;
  }

  accessTo(orderId: string): string {
    const expiresAtMs = this.#clock.now().getTime() + this.#days * dayMs;
    const seconds = Math.ceil(expiresAtMs / 1000).toString(36);
    return `${seconds}.${this.#proof(orderId, seconds).toString("base64url")}`;
  }

  /** Until when it opens this order; undefined when it does not. */
  expiryOf(orderId: string, access: string): Date | undefined {
    const [, seconds, proof] = /^([0-9a-z]{1,8})\.([\w-]{43})$/.exec(access) ?? [];
    if (seconds === undefined || proof === undefined) return undefined;
    if (!timingSafeEqual(Buffer.from(proof, "base64url"), this.#proof(orderId, seconds))) return undefined;
    const expiresAt = new Date(parseInt(seconds, 36) * 1000);
    return expiresAt > this.#clock.now() ? expiresAt : undefined;
  }

  #proof(orderId: string, seconds: string): Buffer {
    return createHmac("sha256", this.#key).update(`order-link.1\n${orderId}\n${seconds}`).digest();
  }
}

export async function openOrderLinks(db: Database, clock: Clock, days: number): Promise<OrderLinks> {
  return new OrderLinks(await keepLinkKey(db, randomBytes(32)), clock, days);
}
