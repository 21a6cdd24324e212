// The key of guests: every process of a shop can make it, and it is good for nothing but a guest's token.
import type { KeyObject } from "node:crypto";
import { newId } from "#platform/kit/ids.ts";
import { deriveKey, type DerivedKey } from "./derived-key.ts";
import { signToken } from "./sign-token.ts";
import { tokenMs } from "./token.ts";

/**
 * Derived from the key that the services of a shop share. `TokenVerifier` takes its tokens for role guest only, so that whoever has it can
 * become a new guest, as everybody may, or a guest whose id they know, as every service could before; never an account.
 */
export class GuestKey {
  readonly #key: DerivedKey;

  constructor(serviceKey: string) {
    this.#key = deriveKey(serviceKey, { name: "guest", info: "guest tokens, ed25519, 1" });
  }

  get kid(): string {
    return this.#key.kid;
  }

  get publicKey(): KeyObject {
    return this.#key.publicKey;
  }

  get publicJwk(): DerivedKey["publicJwk"] {
    return this.#key.publicJwk;
  }

  /** A token of seven days for this guest. Nothing of it is stored, and nobody is asked. */
  sign(guestId: string, now: Date): { readonly token: string; readonly expiresAt: Date } {
    const expiresAt = new Date(now.getTime() + tokenMs.guest);
    const content = { id: newId(), userId: guestId, role: "guest" as const, issuedAt: now, expiresAt };
    return { token: signToken(this.#key, content), expiresAt };
  }
}

const made = new Map<string, GuestKey>();

/** The key of guests for this service key; made once in a process. */
export function guestKeyOf(serviceKey: string): GuestKey {
  const known = made.get(serviceKey);
  if (known) return known;
  if (made.size >= 16) made.clear();
  const key = new GuestKey(serviceKey);
  made.set(serviceKey, key);
  return key;
}
