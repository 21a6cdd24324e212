// Who is calling: actors, the tokens that prove them, and the guards that handlers begin with.
import { createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from "node:crypto";
import type { Clock } from "./clock.ts";
import { appError } from "./errors.ts";
import { isUuid } from "./ids.ts";

/** Whoever acts. A closed union, so that every place that asks has to think of each kind. */
export type Actor =
  | { readonly kind: "anonymous" }
  | { readonly kind: "user"; readonly userId: string; readonly role: Role; readonly token: VerifiedToken };

export type Role = "customer" | "admin" | "guest";

/** A token that was checked: signature, issuer, audience, times and revocation. */
export interface VerifiedToken {
  readonly id: string;
  readonly userId: string;
  readonly role: Role;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** The part of a call that guards look at. */
export interface Caller {
  readonly actor: Actor;
  /** The service that made the call, proved by the transport; undefined for outside callers. */
  readonly service: string | undefined;
}

export const anonymous: Actor = { kind: "anonymous" };

/** The user who calls, or a refusal: 401 without a token. */
export function requireUser(caller: Caller): { userId: string; role: Role; token: VerifiedToken } {
  if (caller.actor.kind === "user") return caller.actor;
  throw appError("unauthenticated", "TOKEN_REQUIRED", {
    publicMessage: "Sign in, or get a guest token, and send it as a bearer token.",
  });
}

/** An admin, or a refusal: 401 without a token, 403 with another role. */
export function requireAdmin(caller: Caller): { userId: string; role: Role; token: VerifiedToken } {
  const user = requireUser(caller);
  if (user.role === "admin") return user;
  throw appError("forbidden", "ADMIN_REQUIRED", { publicMessage: "Only an admin may do this." });
}

/** An admin, or a service acting on its own; a service that hands on somebody's token acts with that person's rights. */
export function requireAdminOrService(caller: Caller): void {
  if (caller.actor.kind === "anonymous" && caller.service !== undefined) return;
  requireAdmin(caller);
}

/** Another service of this shop, by name; outside callers are refused whatever token they carry. */
export function requireService(caller: Caller): string {
  if (caller.service !== undefined) return caller.service;
  throw appError("forbidden", "SERVICE_REQUIRED", {
    publicMessage: "Only services of the shop may call this.",
  });
}

/**
 * The user whose thing `userId` names, an admin, or a service acting for somebody. Everyone else gets the refusal that
 * `notFound` makes, so that nothing tells whether the thing exists.
 */
export function requireOwner(caller: Caller, userId: string, notFound: () => Error): void {
  if (caller.actor.kind === "user") {
    if (caller.actor.userId === userId || caller.actor.role === "admin") return;
    throw notFound();
  }
  if (caller.service !== undefined) return;
  requireUser(caller);
}

/** Who acted, for histories and ledgers: a user id, or the name of a service. */
export function actorName(caller: Caller): string {
  if (caller.actor.kind === "user") return caller.actor.userId;
  return caller.service ?? "anonymous";
}

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
const clockSkewMs = 60_000;

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
    iat * 1000 <= nowMs + clockSkewMs;
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

/**
 * Proves to another process which service is calling: name, time and HMAC-SHA256 under the key all services of one shop
 * share. Good for five minutes, so a captured one soon is worth nothing.
 */
export function signServiceName(service: string, key: string, nowMs: number): string {
  const claim = `${service}.${Math.floor(nowMs / 1000)}`;
  return `${claim}.${serviceMac(claim, key)}`;
}

const serviceProofSeconds = 300;

/** The proved service name, or undefined when the proof is wrong, foreign or old. */
export function verifyServiceName(proof: string, key: string, nowMs: number): string | undefined {
  const match = /^([a-z]{2,32})\.(\d{10})\.([\w-]{43})$/.exec(proof);
  if (!match) return undefined;
  const [, service = "", seconds = "", mac = ""] = match;
  const expected = serviceMac(`${service}.${seconds}`, key);
  if (!timingSafeEqual(Buffer.from(mac), Buffer.from(expected))) return undefined;
  return Math.abs(nowMs / 1000 - Number(seconds)) <= serviceProofSeconds ? service : undefined;
}

function serviceMac(claim: string, key: string): string {
  return createHmac("sha256", key).update(claim).digest("base64url");
}
