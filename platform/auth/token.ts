// The tokens that prove who a person is: one algorithm, checked by every service itself.
import { createPublicKey, verify, type KeyObject } from "node:crypto";
import type { Clock } from "#platform/kit/clock.ts";
import { appError } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Role, VerifiedToken } from "./actor.ts";

/** Keys and revocations in force, as the issuer tells them. */
export interface Trust {
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly revokedTokenIds: ReadonlySet<string>;
  /** Actors whose tokens issued before this instant (in ms) are refused. */
  readonly cutoffsMs: ReadonlyMap<string, number>;
}

/** Issuer and audience of every user token. */
export const tokenIssuer = "stoa";
export const tokenAudience = "stoa";

const hourMs = 3_600_000;

/** How long tokens are good for, by role; a guest's as long as a cart. One that claims more was not given out by the shop. */
export const tokenMs: { readonly [R in Role]: number } = {
  customer: 24 * hourMs,
  admin: 24 * hourMs,
  guest: 7 * 24 * hourMs,
};

/** Reads a public JWK set; only Ed25519 keys count. */
export function keysFromJwks(jwksJson: string): Map<string, KeyObject> {
  const { keys } = JSON.parse(jwksJson) as { keys: { kid?: string; kty?: string; crv?: string }[] };
  const found = new Map<string, KeyObject>();
  for (const jwk of keys) {
    if (jwk.kid && jwk.kty === "OKP" && jwk.crv === "Ed25519")
      found.set(jwk.kid, createPublicKey({ key: jwk as never, format: "jwk" }));
  }
  return found;
}

/** Checks tokens against the trust that `currentTrust` hands out; remembers good signatures, never verdicts on revocation. */
export class TokenVerifier {
  readonly #clock: Clock;
  readonly #currentTrust: () => Promise<Trust>;
  readonly #verified = new Map<string, SignedToken>();

  constructor(clock: Clock, currentTrust: () => Promise<Trust>) {
    this.#clock = clock;
    this.#currentTrust = currentTrust;
  }

  /** The token's content, or `unauthenticated` with TOKEN_INVALID or TOKEN_EXPIRED. */
  async verify(token: string): Promise<VerifiedToken> {
    const trust = await this.#currentTrust();
    const known = this.#verified.get(token);
    const signed = known ?? verifySignature(token, trust, this.#clock.now().getTime());
    if (!known) this.#remember(token, signed);
    const { kid, verified } = signed;
    if (!trust.keys.has(kid)) throw tokenInvalid();
    if (verified.expiresAtMs <= this.#clock.now().getTime()) {
      throw appError("unauthenticated", "TOKEN_EXPIRED", {
        publicMessage: "The token has expired. Sign in again.",
      });
    }
    const cutoffMs = trust.cutoffsMs.get(verified.userId);
    if (trust.revokedTokenIds.has(verified.id) || (cutoffMs !== undefined && verified.issuedAtMs < cutoffMs))
      throw tokenInvalid();
    return verified;
  }

  /** The public keys in force as JSON Web Keys, for whoever wants to verify tokens outside of the shop. */
  async publicJwks(): Promise<object[]> {
    const { keys } = await this.#currentTrust();
    return [...keys].map(([kid, key]) => ({
      ...key.export({ format: "jwk" }),
      kid,
      use: "sig",
      alg: "EdDSA",
    }));
  }

  #remember(token: string, signed: SignedToken): void {
    if (this.#verified.size >= verifiedTokensMax) this.#verified.clear();
    this.#verified.set(token, signed);
  }
}

interface SignedToken {
  readonly kid: string;
  readonly verified: VerifiedToken;
}

const verifiedTokensMax = 10_000;
const tokenLengthMax = 4096;
/** How far a token may be ahead: the clocks of two machines differ a little. */
export const clockSkewMs = 60_000;

/** RFC 7519 and 8037, one algorithm only: the header's own claims about keys and algorithms are never followed. */
function verifySignature(token: string, trust: Trust, nowMs: number): SignedToken {
  const parts = token.length <= tokenLengthMax ? token.split(".") : [];
  const [head, body, signature] = parts;
  if (parts.length !== 3 || !head || !body || !signature) throw tokenInvalid();
  const { alg, typ, kid, ...others } = parsedJson(head);
  const key = typeof kid === "string" ? trust.keys.get(kid) : undefined;
  if (typeof kid !== "string" || !key || alg !== "EdDSA" || typ !== "JWT" || Object.keys(others).length > 0)
    throw tokenInvalid();
  if (!verify(null, Buffer.from(`${head}.${body}`), key, decoded(signature))) throw tokenInvalid();
  return { kid, verified: checkedClaims(parsedJson(body), nowMs) };
}

function checkedClaims(claims: Record<string, unknown>, nowMs: number): VerifiedToken {
  const { iss, aud, sub, jti, role, iat, exp, nbf } = claims;
  const right =
    iss === tokenIssuer &&
    aud === tokenAudience &&
    typeof sub === "string" &&
    isUuid(sub) &&
    typeof jti === "string" &&
    isUuid(jti) &&
    isRole(role) &&
    isSeconds(iat) &&
    isSeconds(exp) &&
    nbf === undefined &&
    iat * 1000 <= nowMs + clockSkewMs &&
    // A second for rounding.
    (exp - iat) * 1000 <= tokenMs[role] + 1_000;
  if (!right) throw tokenInvalid();
  // Rounded: some milliseconds, as in the year 2039, do not survive the way through seconds in binary.
  return {
    id: jti,
    userId: sub,
    role,
    issuedAtMs: Math.round(iat * 1000),
    expiresAtMs: Math.round(exp * 1000),
  };
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function isRole(value: unknown): value is Role {
  return value === "customer" || value === "admin" || value === "guest";
}

/** Only the text that JSON.stringify makes, so that a name given twice, a space or a number in disguise is refused. */
function parsedJson(part: string): Record<string, unknown> {
  const text = decoded(part).toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      JSON.stringify(value) === text
    )
      return value as Record<string, unknown>;
  } catch {
    throw tokenInvalid();
  }
  throw tokenInvalid();
}

/** Base64url has one spelling for each content here: no padding, no other alphabet, no stray bits. */
function decoded(part: string): Buffer {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) throw tokenInvalid();
  return bytes;
}

function tokenInvalid() {
  return appError("unauthenticated", "TOKEN_INVALID", {
    publicMessage: "The token is not valid. Sign in again.",
  });
}
