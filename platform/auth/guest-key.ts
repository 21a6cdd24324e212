// The key of guests: every process of a shop can make it, and it is good for nothing but a guest's token.
import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from "node:crypto";
import { newId } from "#platform/kit/ids.ts";
import { signToken } from "./sign-token.ts";
import { tokenMs } from "./token.ts";

/** What RFC 8410 writes before the 32 bytes of an Ed25519 private key. */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * An Ed25519 key derived (HKDF, RFC 5869) from the key that the services of a shop share: the same in every process and at every start,
 * until SERVICE_KEY changes. `TokenVerifier` takes its tokens for role guest only, so that whoever has it can become a new guest, as
 * everybody may, or a guest whose id they know, as every service could before; never an account.
 */
export class GuestKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly publicJwk: { readonly [name: string]: string };
  readonly #privateKey: KeyObject;

  constructor(serviceKey: string) {
    const seed = Buffer.from(hkdfSync("sha256", serviceKey, "stoa", "guest tokens, ed25519, 1", 32));
    const der = Buffer.concat([pkcs8Head, seed]);
    this.#privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    this.publicKey = createPublicKey(this.#privateKey);
    const { kty = "", crv = "", x = "" } = this.publicKey.export({ format: "jwk" });
    // RFC 7638: the thumbprint names the key, whoever computes it.
    const thumbprint = createHash("sha256").update(JSON.stringify({ crv, kty, x })).digest("base64url");
    this.kid = `guest-${thumbprint}`;
    this.publicJwk = { kty, crv, x, kid: this.kid, alg: "EdDSA", use: "sig" };
  }

  /** A token of seven days for this guest. Nothing of it is stored, and nobody is asked. */
  sign(guestId: string, now: Date): { readonly token: string; readonly expiresAt: Date } {
    const expiresAt = new Date(now.getTime() + tokenMs.guest);
    const content = { id: newId(), userId: guestId, role: "guest" as const, issuedAt: now, expiresAt };
    return { token: signToken({ kid: this.kid, privateKey: this.#privateKey }, content), expiresAt };
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
