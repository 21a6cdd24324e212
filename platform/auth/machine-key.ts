// The key of machines: with it the edge tells the services behind it that a program has shown a key, and what that key is for.
import { createHash, type KeyObject } from "node:crypto";
import { newId } from "#platform/kit/ids.ts";
import { deriveKey, type DerivedKey } from "./derived-key.ts";
import { signToken } from "./sign-token.ts";
import { tokenMs } from "./token.ts";

/**
 * Derived from the key that the services of a shop share, as that of guests is, and for another purpose: `TokenVerifier` takes its tokens for
 * role machine only, and a dispatcher lets a machine do what its service's door names for the scope. The tokens live for minutes and never
 * leave the shop.
 */
export class MachineKey {
  readonly #key: DerivedKey;

  constructor(serviceKey: string) {
    this.#key = deriveKey(serviceKey, { name: "machine", info: "machine tokens, ed25519, 1" });
  }

  get kid(): string {
    return this.#key.kid;
  }

  get publicKey(): KeyObject {
    return this.#key.publicKey;
  }

  /** A token of some minutes for a machine of this scope. Nothing of it is stored, and nobody is asked. */
  sign(scope: string, now: Date): string {
    const content = {
      id: newId(),
      userId: machineIdOf(scope),
      role: "machine" as const,
      scope,
      issuedAt: now,
      expiresAt: new Date(now.getTime() + tokenMs.machine),
    };
    return signToken(this.#key, content);
  }
}

/** Under which id histories and ledgers know machines of a scope: a UUID (RFC 9562, version 8) that is the same in every shop. */
export function machineIdOf(scope: string): string {
  const bytes = createHash("sha256").update(`stoa machine ${scope}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
