// Tells whether two requests under one key carry the same card, without keeping what could tell the card.
import { createHmac, hkdfSync } from "node:crypto";
import type { PlaceOrderRequest } from "#gen/stoa/checkout/v1/checkout_pb.js";

/**
 * What a fingerprint is for: it says nothing about requests under other keys, not even with the same card. Whose key it is, is left out:
 * that of a guest becomes an account's.
 */
export interface KeyedCard {
  readonly idempotencyKey: string;
  readonly card: PlaceOrderRequest["card"];
}

/**
 * Fingerprints of card numbers, under a key that is in no database and no copy of one: it follows from the secret that the services
 * share. Numbers are few enough to be tried out, so that a hash without such a key would be the number. The cvc is in none.
 */
export class CardFingerprints {
  readonly #key: Buffer;
  readonly #name: string;

  constructor(sharedSecret: string) {
    this.#key = Buffer.from(hkdfSync("sha256", sharedSecret, "", "stoa.checkout.card-fingerprint.v1", 32));
    this.#name = createHmac("sha256", this.#key).update("name").digest("base64url").slice(0, 8);
  }

  /** Null where no card is given. */
  of({ idempotencyKey, card }: KeyedCard): string | null {
    if (!card) return null;
    // As it is written does not count, as it does not when the card is read.
    const digits = card.number.replace(/[ -]/g, "");
    const text = JSON.stringify([idempotencyKey, digits]);
    return `${this.#name}.${createHmac("sha256", this.#key).update(text).digest("base64url")}`;
  }

  /** True when the two are of different numbers. What was made under another key, or not at all, says nothing. */
  differ(kept: string | null, asked: string | null): boolean {
    if (kept === null || asked === null || kept.slice(0, 9) !== asked.slice(0, 9)) return false;
    return kept !== asked;
  }
}
