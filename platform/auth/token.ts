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
  /** When the issuer was asked, on the monotonic clock; absent for one that is never old. */
  readonly askedMs?: number;
}

/** The public side of the key that guests are signed with; GuestKey makes it. */
export interface PublicGuestKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly publicJwk: object;
}

/** The public side of the key that machines are signed with; MachineKey makes it. */
export type PublicMachineKey = Omit<PublicGuestKey, "publicJwk">;

/** Where a verifier takes its trust from; see TrustCache, which has all of it. */
export interface TrustSource {
  /** The trust in force; rejects while there is none. */
  readonly current: () => Promise<Trust>;
  /** The same if it is at hand: what a guest's token is held against. */
  readonly known?: () => Trust | undefined;
  /** A newer one if it comes at once, for a token whose key nobody has seen yet. */
  readonly newer?: () => Promise<Trust | undefined>;
}

/** Issuer and audience of every user token. */
export const tokenIssuer = "stoa";
export const tokenAudience = "stoa";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** How long tokens are good for, by role; a guest's as long as a cart. One that claims more was not given out by the shop. */
export const tokenMs: { readonly [R in Role]: number } = {
  customer: 24 * hourMs,
  admin: 24 * hourMs,
  guest: 7 * 24 * hourMs,
  machine: 5 * minuteMs,
};

/** Longest life of any token. */
export const tokenMsMax = Math.max(...Object.values(tokenMs));

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

/**
 * Checks tokens: those of accounts against the trust of its source, those of guests with the shop's own key as well, so that a guest
 * is believed also while there is no trust, and those of machines with the shop's own key alone. Remembers good signatures, never verdicts on revocation.
 */
export class TokenVerifier {
  readonly #clock: Clock;
  readonly #source: TrustSource;
  readonly #guestKey: PublicGuestKey | undefined;
  readonly #machineKey: PublicMachineKey | undefined;
  readonly #verified = new Map<string, SignedToken>();

  /** Without the keys of guests and machines only the source's keys count. */
  constructor(
    clock: Clock,
    source: TrustSource | (() => Promise<Trust>),
    guestKey?: PublicGuestKey,
    machineKey?: PublicMachineKey,
  ) {
    this.#clock = clock;
    this.#source = typeof source === "function" ? { current: source } : source;
    this.#guestKey = guestKey;
    this.#machineKey = machineKey;
  }

  /** The token's content, or `unauthenticated` with TOKEN_INVALID or TOKEN_EXPIRED. Rejects as the source does while it has no trust. */
  async verify(token: string): Promise<VerifiedToken> {
    const { signed, trust } = await this.#signed(token);
    const { verified } = signed;
    if (verified.expiresAtMs <= this.#clock.now().getTime()) {
      throw appError("unauthenticated", "TOKEN_EXPIRED", {
        publicMessage: "The token has expired. Sign in again.",
      });
    }
    if (!trust) return verified;
    const cutoffMs = trust.cutoffsMs.get(verified.userId);
    if (trust.revokedTokenIds.has(verified.id) || (cutoffMs !== undefined && verified.issuedAtMs < cutoffMs))
      throw tokenInvalid();
    if (trust.askedMs === undefined) return verified;
    return { ...verified, revocationsAgeMs: this.#clock.monotonicMs() - trust.askedMs };
  }

  /** The public keys in force as JSON Web Keys, for whoever wants to verify tokens outside of the shop. */
  async publicJwks(): Promise<object[]> {
    const { keys } = await this.#source.current();
    const jwks = [...keys]
      .filter(([kid]) => kid !== this.#guestKey?.kid)
      .map(([kid, key]) => ({ ...key.export({ format: "jwk" }), kid, use: "sig", alg: "EdDSA" }));
    return this.#guestKey ? [...jwks, this.#guestKey.publicJwk] : jwks;
  }

  /**
   * False where the issuer is of a release that does not publish the key of guests: then other processes may not believe it either,
   * and the issuer has to sign.
   */
  get isGuestKeyPublished(): boolean {
    const trust = this.#source.known?.();
    return this.#guestKey !== undefined && (trust === undefined || trust.keys.has(this.#guestKey.kid));
  }

  /** The signature is good, and its key is one that counts now. */
  async #signed(token: string): Promise<{ signed: SignedToken; trust: Trust | undefined }> {
    const known = this.#verified.get(token);
    const read = known ? undefined : readToken(token);
    const kid = known?.kid ?? read?.kid ?? "";
    const own = this.#ownKey(kid);
    const trust = own ? own.trust : await this.#trustWith(kid);
    const key = own?.publicKey ?? trust?.keys.get(kid);
    if (!key) throw tokenInvalid();
    if (!read) return { signed: known as SignedToken, trust };
    const signed = { kid, verified: verifiedClaims(read, key, this.#clock.now().getTime()) };
    // Every process could make a token of the shop's own keys; and a machine is nobody whom the issuer knows.
    if (own ? signed.verified.role !== own.role : signed.verified.role === "machine") throw tokenInvalid();
    this.#remember(token, signed);
    return { signed, trust };
  }

  /** A key that every process of the shop derives, and what it is good for. */
  #ownKey(kid: string) {
    const [guestKey, machineKey] = [this.#guestKey, this.#machineKey];
    if (kid === guestKey?.kid)
      return { role: "guest", publicKey: guestKey.publicKey, trust: this.#source.known?.() } as const;
    if (kid === machineKey?.kid)
      return { role: "machine", publicKey: machineKey.publicKey, trust: undefined } as const;
    return undefined;
  }

  async #trustWith(kid: string): Promise<Trust> {
    const trust = await this.#source.current();
    if (trust.keys.has(kid)) return trust;
    return (await this.#source.newer?.()) ?? trust;
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

interface ReadToken {
  readonly kid: string;
  readonly signedText: string;
  readonly body: string;
  readonly signature: string;
}

/** RFC 7519 and 8037, one algorithm only: the header's own claims about keys and algorithms are never followed. */
function readToken(token: string): ReadToken {
  const parts = token.length <= tokenLengthMax ? token.split(".") : [];
  const [head, body, signature] = parts;
  if (parts.length !== 3 || !head || !body || !signature) throw tokenInvalid();
  const { alg, typ, kid, ...others } = parsedJson(head);
  if (typeof kid !== "string" || alg !== "EdDSA" || typ !== "JWT" || Object.keys(others).length > 0)
    throw tokenInvalid();
  return { kid, signedText: `${head}.${body}`, body, signature };
}

function verifiedClaims({ signedText, body, signature }: ReadToken, key: KeyObject, nowMs: number) {
  if (!verify(null, Buffer.from(signedText), key, decoded(signature))) throw tokenInvalid();
  return checkedClaims(parsedJson(body), nowMs);
}

function checkedClaims(claims: Record<string, unknown>, nowMs: number): VerifiedToken {
  const { iss, aud, sub, jti, role, iat, exp, nbf, email, scope } = claims;
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
    (role === "machine") === isScope(scope) &&
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
    ...(typeof email === "string" && { email }),
    ...(role === "machine" && isScope(scope) && { scope }),
  };
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function isRole(value: unknown): value is Role {
  return typeof value === "string" && Object.hasOwn(tokenMs, value);
}

function isScope(value: unknown): value is string {
  return typeof value === "string" && /^[a-z]{1,30}$/.test(value);
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
