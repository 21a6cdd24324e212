// How tokens are written. Whoever has a key may use it: the user service its own, every process that of guests.
import { sign, type KeyObject } from "node:crypto";
import type { Role } from "./actor.ts";
import { tokenAudience, tokenIssuer } from "./token.ts";

/** What a token says. */
export interface TokenContent {
  readonly id: string;
  readonly userId: string;
  readonly role: Role;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** The address of the account, so that whoever sells to it need not ask for it; absent for guests. */
  readonly email?: string;
  /** What a machine may do; absent for people. */
  readonly scope?: string;
}

/** A JWT signed with Ed25519 (RFC 7519 and 8037). Milliseconds are kept: a cut-off may fall within the same second. */
export function signToken(key: { kid: string; privateKey: KeyObject }, content: TokenContent): string {
  const header = { alg: "EdDSA", typ: "JWT", kid: key.kid };
  const { id, userId, role, issuedAt, expiresAt, email, scope } = content;
  const claims = {
    iss: tokenIssuer,
    aud: tokenAudience,
    sub: userId,
    jti: id,
    role,
    iat: issuedAt.getTime() / 1000,
    exp: expiresAt.getTime() / 1000,
    ...(email !== undefined && { email }),
    ...(scope !== undefined && { scope }),
  };
  const text = `${base64url(header)}.${base64url(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key.privateKey).toString("base64url")}`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
