import assert from "node:assert/strict";
import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  hkdfSync,
  sign,
  type KeyObject,
} from "node:crypto";
import { test } from "node:test";
import { requireAdmin, requireAdminOrService, requireOwner, requireService, requireUser } from "./guards.ts";
import { GuestKey } from "./guest-key.ts";
import { bodyHash, signCall, verifyCall } from "./service-proof.ts";
import { signToken } from "./sign-token.ts";
import { TokenVerifier, keysFromJwks, type Trust } from "./token.ts";
import { appError } from "#platform/kit/errors.ts";
import { testCall } from "#platform/testing/call.ts";
import { TestClock } from "#platform/testing/test-clock.ts";

const clock = new TestClock(new Date("2030-01-01T00:00:00Z"));
const nowMs = clock.now().getTime();
const nowSeconds = clock.now().getTime() / 1000;
const own = generateKeyPairSync("ed25519");
const foreign = generateKeyPairSync("ed25519");
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const kid = "0b7d5f2e-6f0a-4a57-9d3e-6a1d0c7f8e11";
const userId = "01942b4c-0000-7000-8000-000000000001";
const tokenId = "01942b4c-0000-7000-8000-000000000002";

const header = { alg: "EdDSA", typ: "JWT", kid };
const claims = {
  iss: "stoa",
  aud: "stoa",
  sub: userId,
  jti: tokenId,
  role: "customer",
  iat: nowSeconds,
  exp: nowSeconds + 3600,
};

const text64 = (text: string | Buffer) => Buffer.from(text).toString("base64url");
const json64 = (value: unknown) => text64(JSON.stringify(value));
const sealed = (head: string, body: string, key: KeyObject = own.privateKey) =>
  `${head}.${body}.${sign(null, Buffer.from(`${head}.${body}`), key).toString("base64url")}`;
const token = (head: object = {}, body: object = {}, key = own.privateKey) =>
  sealed(json64({ ...header, ...head }), json64({ ...claims, ...body }), key);
const withoutClaim = (name: keyof typeof claims) => token({}, { [name]: undefined });
const hmac = (algorithm: string, secret: string | Buffer, alg: string) => {
  const signed = `${json64({ ...header, alg })}.${json64(claims)}`;
  return `${signed}.${createHmac(algorithm, secret).update(signed).digest("base64url")}`;
};
const rawClaims = (text: string) => sealed(json64(header), text64(text));
const rawHeader = (text: string) => sealed(text64(text), json64(claims));
const claimsText = JSON.stringify(claims);
const publicJwk = own.publicKey.export({ format: "jwk" });
const foreignJwk = foreign.publicKey.export({ format: "jwk" });
const [head = "", body = "", signature = ""] = token().split(".");

const forged: Record<string, string> = {
  "an empty text": "",
  "two dots": "..",
  "one part": head,
  "two parts": `${head}.${body}`,
  "four parts": `${head}.${body}.${signature}.${signature}`,
  "five parts, as an encrypted token has": `${head}.${body}.${signature}.${signature}.${signature}`,
  "alg none": `${json64({ ...header, alg: "none" })}.${body}.`,
  "alg None": `${json64({ ...header, alg: "None" })}.${body}.`,
  "alg NONE": `${json64({ ...header, alg: "NONE" })}.${body}.`,
  "alg nOnE": `${json64({ ...header, alg: "nOnE" })}.${body}.`,
  "alg none with the old signature": `${json64({ ...header, alg: "none" })}.${body}.${signature}`,
  "an empty signature": `${head}.${body}.`,
  "HMAC with the public key as PEM": hmac(
    "sha256",
    own.publicKey.export({ format: "pem", type: "spki" }),
    "HS256",
  ),
  "HMAC with the public key as DER": hmac(
    "sha256",
    own.publicKey.export({ format: "der", type: "spki" }),
    "HS256",
  ),
  "HMAC with the public key as JWK": hmac("sha256", JSON.stringify(publicJwk), "HS256"),
  "HMAC with the raw public key": hmac("sha256", Buffer.from(publicJwk.x ?? "", "base64url"), "HS256"),
  "HMAC SHA-512 with the public key": hmac(
    "sha512",
    own.publicKey.export({ format: "pem", type: "spki" }),
    "HS512",
  ),
  "HMAC with an empty secret": hmac("sha256", "", "HS256"),
  "HMAC that claims to be EdDSA": hmac(
    "sha512",
    own.publicKey.export({ format: "pem", type: "spki" }),
    "EdDSA",
  ),
  "alg RS256": token({ alg: "RS256" }),
  "alg ES256": token({ alg: "ES256" }),
  "alg Ed25519": token({ alg: "Ed25519" }),
  "alg eddsa": token({ alg: "eddsa" }),
  "alg missing": token({ alg: undefined }),
  "alg in a list": token({ alg: ["EdDSA"] }),
  "a zero signature": `${head}.${body}.${Buffer.alloc(64).toString("base64url")}`,
  "a short signature": `${head}.${body}.${Buffer.alloc(32, 1).toString("base64url")}`,
  "an ECDSA signature of zeros": `${json64({ ...header, alg: "ES256" })}.${body}.${Buffer.alloc(64).toString("base64url")}`,
  "another Ed25519 key": token({}, {}, foreign.privateKey),
  "an RSA key": `${head}.${body}.${sign("sha256", Buffer.from(`${head}.${body}`), rsa.privateKey).toString("base64url")}`,
  "an elliptic-curve key": `${head}.${body}.${sign("sha256", Buffer.from(`${head}.${body}`), ec.privateKey).toString("base64url")}`,
  "kid missing": token({ kid: undefined }),
  "kid empty": token({ kid: "" }),
  "kid unknown": token({ kid: "0b7d5f2e-6f0a-4a57-9d3e-6a1d0c7f8e12" }),
  "kid as a path": token({ kid: "../../../../dev/null" }),
  "kid as SQL": token({ kid: `${kid}' union select 'x` }),
  "kid as a URL": token({ kid: "https://evil.example/key" }),
  "kid as a list": token({ kid: [kid] }),
  "kid as a number": token({ kid: 0 }),
  "kid __proto__": token({ kid: "__proto__" }),
  "kid constructor": token({ kid: "constructor" }),
  "its own key in jwk": token({ jwk: foreignJwk }, {}, foreign.privateKey),
  "our key in jwk": token({ jwk: publicJwk }),
  jku: token({ jku: "https://evil.example/jwks.json" }),
  x5u: token({ x5u: "https://evil.example/cert.pem" }),
  x5c: token({ x5c: ["MIIB"] }),
  cty: token({ cty: "JWT" }),
  "crit empty": token({ crit: [] }),
  "crit exp": token({ crit: ["exp"], exp: 1 }),
  "crit b64": token({ crit: ["b64"], b64: false }),
  "b64 false": token({ b64: false }),
  "typ missing": token({ typ: undefined }),
  "typ of a refresh token": token({ typ: "refresh" }),
  "typ at+jwt": token({ typ: "at+jwt" }),
  "typ jwt": token({ typ: "jwt" }),
  "iss missing": withoutClaim("iss"),
  "iss of another": token({}, { iss: "evil" }),
  "iss as a list": token({}, { iss: ["stoa"] }),
  "iss in capitals": token({}, { iss: "Stoa" }),
  "aud missing": withoutClaim("aud"),
  "aud of another": token({}, { aud: "other" }),
  "aud as a list": token({}, { aud: ["stoa", "other"] }),
  "sub missing": withoutClaim("sub"),
  "sub empty": token({}, { sub: "" }),
  "sub as a list": token({}, { sub: [userId] }),
  "sub as an object": token({}, { sub: { id: userId } }),
  "sub as a number": token({}, { sub: 1 }),
  "sub in capitals": token({}, { sub: userId.toUpperCase() }),
  "sub with a space": token({}, { sub: `${userId} ` }),
  "jti missing": withoutClaim("jti"),
  "jti empty": token({}, { jti: "" }),
  "role missing": withoutClaim("role"),
  "role unknown": token({}, { role: "root" }),
  "role in capitals": token({}, { role: "Admin" }),
  "role as a list": token({}, { role: ["admin"] }),
  "role changed after signing": `${head}.${json64({ ...claims, role: "admin" })}.${signature}`,
  "sub changed after signing": `${head}.${json64({ ...claims, sub: tokenId })}.${signature}`,
  "exp missing": withoutClaim("exp"),
  "exp as text": token({}, { exp: String(claims.exp) }),
  "exp null": token({}, { exp: null }),
  "exp in the past": token({}, { exp: nowSeconds - 1 }),
  "exp now": token({}, { exp: nowSeconds }),
  "exp 0": token({}, { exp: 0 }),
  "exp negative": token({}, { exp: -1 }),
  "exp 1e400": rawClaims(claimsText.replace(String(claims.exp), "1e400")),
  "exp a day and a minute after iat": token({}, { exp: nowSeconds + 86_460, iat: nowSeconds }),
  "exp of an admin as far as a guest's": token(
    {},
    { role: "admin", iat: nowSeconds, exp: nowSeconds + 604_800 },
  ),
  "exp of a guest beyond seven days": token(
    {},
    { role: "guest", iat: nowSeconds, exp: nowSeconds + 604_860 },
  ),
  "exp in ten years": token({}, { exp: nowSeconds + 315_360_000 }),
  "iat long ago, so that it never ends": token({}, { iat: 1, exp: nowSeconds + 3600 }),
  "exp in a list": token({}, { exp: [claims.exp] }),
  "iat missing": withoutClaim("iat"),
  "iat as text": token({}, { iat: String(claims.iat) }),
  "iat an hour ahead": token({}, { iat: nowSeconds + 3600, exp: nowSeconds + 7200 }),
  "iat in milliseconds": token({}, { iat: nowSeconds * 1000, exp: nowSeconds * 1000 + 1 }),
  "nbf ahead": token({}, { nbf: nowSeconds + 3600 }),
  "role twice": rawClaims(claimsText.replace('"role":"customer"', '"role":"customer","role":"admin"')),
  "sub twice": rawClaims(`{"sub":"${tokenId}",${claimsText.slice(1)}`),
  "alg twice": rawHeader(JSON.stringify(header).replace('"alg"', '"alg":"none","alg"')),
  "an escaped name": rawClaims(claimsText.replace('"role"', '"r\\u006fle"')),
  "a space in the claims": rawClaims(claimsText.replace(",", ", ")),
  "a byte order mark before the claims": rawClaims(`\ufeff${claimsText}`),
  "text behind the claims": rawClaims(`${claimsText}{}`),
  "claims that are a list": rawClaims("[]"),
  "claims that are null": rawClaims("null"),
  "claims that are text": rawClaims('"stoa"'),
  "claims that are no JSON": rawClaims("{"),
  "a header that is no JSON": rawHeader("{"),
  "a header that is a list": rawHeader("[]"),
  "padding behind the signature": `${token()}==`,
  "padding behind the header": `${head}=.${body}.${signature}`,
  "a space before": ` ${token()}`,
  "a space behind": `${token()} `,
  "a line break behind": `${token()}\n`,
  "a NUL behind": `${token()}\0`,
  "standard base64 in place of base64url": `${head}.${body}.${Buffer.from(signature, "base64url").toString("base64")}`,
  "a stray bit in the signature": strayBit(token()),
  "a second token behind a comma": `${token()},${token()}`,
  "64 KiB": token({}, { sub: "x".repeat(65_536) }),
  "a megabyte of dots": ".".repeat(1_000_000),
  "10 000 levels of nesting": rawClaims(`{"sub":${"[".repeat(10_000)}${"]".repeat(10_000)}}`).slice(0, 4000),
};

const trust = (changes: Partial<Trust> = {}): Trust => ({
  keys: new Map([[kid, own.publicKey]]),
  revokedTokenIds: new Set(),
  cutoffsMs: new Map(),
  ...changes,
});
const verifierOf = (current: () => Trust) => new TokenVerifier(clock, () => Promise.resolve(current()));

test("a token that the issuer signed is accepted, with what it says", async () => {
  assert.deepEqual(await verifierOf(trust).verify(token()), {
    id: tokenId,
    userId,
    role: "customer",
    issuedAtMs: nowSeconds * 1000,
    expiresAtMs: (nowSeconds + 3600) * 1000,
  });
});

for (const [name, text] of Object.entries(forged)) {
  test(`a forged token is refused as unauthenticated: ${name}`, async () => {
    await assert.rejects(verifierOf(trust).verify(text), { kind: "unauthenticated" });
  });
}

test("an expired token says that it expired, one whose time comes is good until then", async () => {
  const moving = new TestClock(clock.now());
  const verifier = new TokenVerifier(moving, () => Promise.resolve(trust()));
  await verifier.verify(token());
  moving.advance(3_599_999);
  await verifier.verify(token());
  moving.advance(1);
  await assert.rejects(verifier.verify(token()), { reason: "TOKEN_EXPIRED" });
});

test("a revoked token is refused although its signature was seen before", async () => {
  let current = trust();
  const verifier = verifierOf(() => current);
  await verifier.verify(token());
  current = trust({ revokedTokenIds: new Set([tokenId]) });
  await assert.rejects(verifier.verify(token()), { reason: "TOKEN_INVALID" });
});

test("a token of a key that was taken out of the set is refused although its signature was seen before", async () => {
  let current = trust();
  const verifier = verifierOf(() => current);
  await verifier.verify(token());
  current = trust({ keys: new Map([["another", foreign.publicKey]]) });
  await assert.rejects(verifier.verify(token()), { reason: "TOKEN_INVALID" });
});

test("a cut-off refuses tokens from before it and takes those from it on, for every millisecond of a second", async () => {
  // In that year a thousandth of a number of milliseconds, times a thousand, is often another number.
  const late = new TestClock(new Date("2039-01-01T00:00:00Z"));
  const exp = late.now().getTime() / 1000 + 3600;
  for (let ms = 0; ms < 1000; ms += 1) {
    const atMs = late.now().getTime() - 1000 + ms;
    const current = trust({ cutoffsMs: new Map([[userId, atMs]]) });
    const verifier = new TokenVerifier(late, () => Promise.resolve(current));
    await verifier.verify(token({}, { iat: atMs / 1000, exp }));
    await assert.rejects(verifier.verify(token({}, { iat: (atMs - 1) / 1000, exp })), {
      reason: "TOKEN_INVALID",
    });
  }
});

test("a cut-off of one user says nothing about others", async () => {
  await verifierOf(() => trust({ cutoffsMs: new Map([[tokenId, Infinity]]) })).verify(token());
});

test("without any trust nobody is believed", async () => {
  const verifier = new TokenVerifier(clock, () => Promise.reject(appError("unavailable", "DOWN")));
  await assert.rejects(verifier.verify(token()), { reason: "DOWN" });
});

const sharedKey = "a-key-that-only-tests-know-0123456789";
const guestKey = new GuestKey(sharedKey);
const guestId = "5b7d5f2e-6f0a-5a57-9d3e-6a1d0c7f8e11";

test("a guest signed with the shop's derived key is believed by every process, also while there is no trust at all", async () => {
  const { token: signed, expiresAt } = guestKey.sign(guestId, clock.now());
  assert.equal(expiresAt.getTime() - clock.now().getTime(), 7 * 86_400_000);
  const away = () => Promise.reject(appError("unavailable", "TRUST_UNKNOWN"));
  const elsewhere = new TokenVerifier(clock, away, new GuestKey(sharedKey));
  const { role, userId: id } = await elsewhere.verify(signed);
  assert.deepEqual([role, id], ["guest", guestId]);
  await assert.rejects(elsewhere.verify(token()), { reason: "TRUST_UNKNOWN" });
  const otherShop = new TokenVerifier(clock, () => Promise.resolve(trust()), new GuestKey(`${sharedKey}x`));
  await assert.rejects(otherShop.verify(signed), { reason: "TOKEN_INVALID" });
});

test("that key is good for role guest only, wherever it is published, and what is revoked is refused", async () => {
  const keys = new Map([
    [kid, own.publicKey],
    [guestKey.kid, guestKey.publicKey],
  ]);
  let current = trust({ keys });
  const source = { current: () => Promise.resolve(current), known: () => current };
  const verifier = new TokenVerifier(clock, source, guestKey);
  for (const role of ["customer", "admin"] as const) {
    const content = {
      id: tokenId,
      userId,
      role,
      issuedAt: clock.now(),
      expiresAt: new Date(nowMs + 3_600_000),
    };
    const forged = signToken({ kid: guestKey.kid, privateKey: derivedPrivateKey(sharedKey) }, content);
    await assert.rejects(verifier.verify(forged), { reason: "TOKEN_INVALID" }, role);
  }
  const { token: signed } = guestKey.sign(guestId, clock.now());
  const { id } = await verifier.verify(signed);
  current = trust({ keys, revokedTokenIds: new Set([id]) });
  await assert.rejects(verifier.verify(signed), { reason: "TOKEN_INVALID" });
  assert.deepEqual(
    (await verifier.publicJwks()).map((jwk) => (jwk as { kid: string }).kid),
    [kid, guestKey.kid],
  );
  assert.equal(verifier.isGuestKeyPublished, true);
  current = trust();
  assert.equal(verifier.isGuestKeyPublished, false, "an issuer of the release before");
});

test("a token of a key that was made a moment ago is believed once the issuer tells of it", async () => {
  const newer = () => Promise.resolve(trust());
  const verifier = new TokenVerifier(clock, {
    current: () => Promise.resolve(trust({ keys: new Map() })),
    newer,
  });
  assert.equal((await verifier.verify(token())).userId, userId);
});

test("an account's address in its token is read; without one there is none", async () => {
  assert.equal(
    (await verifierOf(trust).verify(token({}, { email: "ada@example.com" }))).email,
    "ada@example.com",
  );
  assert.equal((await verifierOf(trust).verify(token({}, { email: 1 }))).email, undefined);
});

test("nobody acts as an admin by revocations older than a minute; everybody else goes on", async () => {
  const moving = new TestClock(clock.now());
  const asked = trust({ askedMs: moving.monotonicMs() });
  const verifier = new TokenVerifier(moving, () => Promise.resolve(asked));
  const callOf = async (role: string) => {
    const verified = await verifier.verify(token({}, { role }));
    return { actor: { kind: "user", ...verified, token: verified } as const, service: undefined };
  };
  const gone = () => appError("not_found", "GONE");
  moving.advance(60_000);
  requireAdmin(await callOf("admin"));
  requireOwner(await callOf("admin"), guestId, gone);
  moving.advance(1);
  const tooOld = { kind: "unavailable", reason: "REVOCATIONS_TOO_OLD", retryAfterSeconds: 5 };
  const admin = await callOf("admin");
  assert.throws(() => requireAdmin(admin), tooOld);
  assert.throws(() => requireAdminOrService(admin), tooOld);
  assert.throws(() => requireOwner(admin, guestId, gone), tooOld);
  requireOwner(admin, userId, gone);
  assert.equal(requireUser(await callOf("customer")).userId, userId);
});

test("only Ed25519 keys of a key set count", () => {
  const keys = [
    { ...publicJwk, kid: "a" },
    { ...rsa.publicKey.export({ format: "jwk" }), kid: "b" },
    { kty: "oct", k: "c2VjcmV0", kid: "c" },
    publicJwk,
  ];
  assert.deepEqual([...keysFromJwks(JSON.stringify({ keys })).keys()], ["a"]);
});

const key = "a-key-that-only-tests-know-0123456789";

test("a service proves its name for one minute, with the shop's key only, for one call and one body", () => {
  const call = {
    method: "/stoa.cart.v1.CartService/GetCart",
    bodyHash: bodyHash("body"),
    said: ["token", undefined],
  };
  const proof = signCall("cart", key, nowMs, call);
  const proven = { service: "cart", bodyHash: bodyHash("body") };
  assert.deepEqual(verifyCall(proof, key, nowMs, call), proven);
  assert.deepEqual(verifyCall(proof, key, nowMs + 59_000, call), proven);
  assert.equal(verifyCall(proof, key, nowMs + 61_000, call), undefined);
  assert.equal(verifyCall(proof, key, nowMs - 61_000, call), undefined);
  assert.equal(verifyCall(proof, `${key}x`, nowMs, call), undefined);
  for (const other of [
    { ...call, method: "/stoa.cart.v1.CartService/ClearCart" },
    { ...call, said: [undefined, "token"] },
    { ...call, said: ["token"] },
    { ...call, said: ["another", undefined] },
    { ...call, said: [undefined, undefined] },
    { ...call, said: [] },
  ])
    assert.equal(verifyCall(proof, key, nowMs, other), undefined, JSON.stringify(other));
  const texts = ["", "cart", "cart...", `${proof}x`, ` ${proof}`, proof.replace(/\d{10}/, "9999999999")];
  texts.push(proof.replace("cart", "user"), proof.replace(bodyHash("body"), bodyHash("another")));
  for (const text of texts) assert.equal(verifyCall(text, key, nowMs, call), undefined, text);
});

test("each guard lets in whom it names and refuses everyone else", () => {
  const gone = () => appError("not_found", "GONE");
  const nobody = testCall();
  const customer = testCall({ userId });
  const admin = testCall({ userId: tokenId, role: "admin" });
  const service = testCall({ service: "cart" });
  const passedOn = testCall({ service: "gateway", userId });
  assert.equal(requireUser(customer).userId, userId);
  assert.throws(() => requireUser(nobody), { reason: "TOKEN_REQUIRED" });
  assert.throws(() => requireUser(service), { reason: "TOKEN_REQUIRED" });
  assert.equal(requireAdmin(admin).userId, tokenId);
  assert.throws(() => requireAdmin(customer), { reason: "ADMIN_REQUIRED" });
  assert.throws(() => requireAdmin(service), { reason: "TOKEN_REQUIRED" });
  assert.equal(requireService(service), "cart");
  assert.throws(() => requireService(admin), { reason: "SERVICE_REQUIRED" });
  for (const caller of [customer, admin, service, passedOn]) requireOwner(caller, userId, gone);
  assert.throws(() => requireOwner(passedOn, tokenId, gone), { reason: "GONE" });
  assert.throws(() => requireOwner(customer, tokenId, gone), { reason: "GONE" });
  assert.throws(() => requireOwner(nobody, userId, gone), { reason: "TOKEN_REQUIRED" });
});

/** The same 64 bytes in another spelling: the last character of an Ed25519 signature carries four unused bits. */
function strayBit(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(text.slice(-1)) + 1);
}

/** As docs/operate/trust.md states it: what anybody with the shop's service key could compute. */
function derivedPrivateKey(serviceKey: string): KeyObject {
  const seed = Buffer.from(hkdfSync("sha256", serviceKey, "stoa", "guest tokens, ed25519, 1", 32));
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}
