import { sign, type KeyObject } from "node:crypto";
import type { Role } from "#platform/auth/actor.ts";
import { tokenAudience, tokenIssuer, tokenMs } from "#platform/auth/token.ts";

export const tokenMsMax = Math.max(...Object.values(tokenMs));

export interface TokenContent {
  readonly id: string;
  readonly userId: string;
  readonly role: Role;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** A JWT signed with Ed25519 (RFC 7519 and 8037). Milliseconds are kept: a cut-off may fall within the same second. */
export function signToken(key: { kid: string; privateKey: KeyObject }, content: TokenContent): string {
  const header = { alg: "EdDSA", typ: "JWT", kid: key.kid };
  const claims = {
    iss: tokenIssuer,
    aud: tokenAudience,
    sub: content.userId,
    jti: content.id,
    role: content.role,
    iat: content.issuedAt.getTime() / 1000,
    exp: content.expiresAt.getTime() / 1000,
  };
  const text = `${base64url(header)}.${base64url(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key.privateKey).toString("base64url")}`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
