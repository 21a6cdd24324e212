import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, symlinkSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { keysFromJwks, TokenVerifier } from "#platform/auth/token.ts";
import { newId } from "#platform/kit/ids.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import type { Database } from "#platform/database/db.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { GivenKeys, parseGivenKeys } from "./given-keys.ts";
import { KeyRing } from "./key-ring.ts";
import { user } from "./service.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const jwksOf = (ring: KeyRing | undefined) => JSON.stringify({ keys: ring?.publicJwks() ?? [] });

test("twenty replicas that start at once agree on one key", async () => {
  const db = await testDatabase(user);
  const clock = new TestClock();
  const rings = Array.from({ length: 20 }, () => new KeyRing(db, clock, { rotationDays: 30 }));
  await Promise.all(rings.map((ring) => ring.refresh()));
  assert.equal(new Set(rings.map((ring) => jwksOf(ring))).size, 1);
  assert.equal(keysFromJwks(jwksOf(rings[0])).size, 1);
});

test("tokens outlive a restart and a rotation, and no replica ever signs with a key that others do not know", async () => {
  const db = await testDatabase(user);
  const clock = new TestClock();
  const [signer, knower] = [
    new KeyRing(db, clock, { rotationDays: 30 }),
    new KeyRing(db, clock, { rotationDays: 30 }),
  ];
  const verifier = new TokenVerifier(clock, () =>
    Promise.resolve({
      keys: keysFromJwks(jwksOf(knower)),
      revokedTokenIds: new Set(),
      cutoffsMs: new Map(),
    }),
  );
  await signer.refresh();
  const tokens: { text: string; expiresMs: number }[] = [];
  for (let step = 0; step < 100; step += 1) {
    // The other one always looks a step later.
    await knower.refresh();
    await signer.refresh();
    const issuedAt = clock.now();
    const expiresAt = new Date(issuedAt.getTime() + 7 * dayMs);
    const text = signer.sign({ id: newId(), userId: newId(), role: "guest", issuedAt, expiresAt });
    tokens.push({ text, expiresMs: expiresAt.getTime() });
    for (const token of tokens)
      if (token.expiresMs > clock.now().getTime()) await verifier.verify(token.text);
    clock.advance(dayMs);
  }
  const kids = new Set(
    tokens.map(({ text }) => Buffer.from(text.split(".")[0] ?? "", "base64url").toString()),
  );
  assert.ok(kids.size >= 3);
  assert.ok(keysFromJwks(jwksOf(knower)).size <= 3);
  const restarted = new KeyRing(db, clock, { rotationDays: 30 });
  await restarted.refresh();
  assert.equal(jwksOf(restarted), jwksOf(signer));
});

const folder = mkdtempSync(join(tmpdir(), "stoa-keys-"));
after(() => rmSync(folder, { recursive: true }));

const newKey = () => generateKeyPairSync("ed25519").privateKey;
const pemOf = (keys: readonly KeyObject[]) =>
  keys.map((key) => String(key.export({ format: "pem", type: "pkcs8" }))).join("");
const jwksTextOf = (keys: readonly KeyObject[]) =>
  JSON.stringify({
    keys: keys.map((key, index) => ({ ...key.export({ format: "jwk" }), kid: `mine-${index}` })),
  });
const kidsOf = (ring: KeyRing) => ring.publicJwks().map(({ kid = "" }) => kid);
const kidOf = (key: KeyObject) => parseGivenKeys(pemOf([key]))[0]?.kid ?? "";

/** A Secret as a cluster mounts it: the file is a link into a folder behind a link that is exchanged at once. */
function mountedSecret(name: string) {
  const mount = join(folder, name);
  let versions = 0;
  mkdirSync(mount);
  const write = (text: string) => {
    const version = `..version-${(versions += 1)}`;
    mkdirSync(join(mount, version));
    writeFileSync(join(mount, version, "signing-keys"), text);
    symlinkSync(version, join(mount, "..next"));
    renameSync(join(mount, "..next"), join(mount, "..data"));
    if (versions === 1) symlinkSync("..data/signing-keys", join(mount, "signing-keys"));
  };
  return { file: join(mount, "signing-keys"), write };
}

function replica(db: Database, clock: TestClock, name: string, text: string) {
  const secret = mountedSecret(name);
  secret.write(text);
  const keys = new GivenKeys(secret.file, silentLog);
  const ring = new KeyRing(db, clock, { rotationDays: 30, given: () => keys.current() });
  const verifier = new TokenVerifier(clock, () =>
    Promise.resolve({ keys: keysFromJwks(jwksOf(ring)), revokedTokenIds: new Set(), cutoffsMs: new Map() }),
  );
  const issue = () => {
    const issuedAt = clock.now();
    const expiresAt = new Date(issuedAt.getTime() + dayMs);
    const text = ring.sign({ id: newId(), userId: newId(), role: "customer", issuedAt, expiresAt });
    const [head = ""] = text.split(".");
    return { text, kid: (JSON.parse(Buffer.from(head, "base64url").toString()) as { kid: string }).kid };
  };
  return { write: secret.write, ring, verifier, issue };
}

test("given keys rotate under two replicas whose files change a minute apart: every token is believed by both, and a key that is taken out ends its tokens", async () => {
  const db = await testDatabase(user);
  const clock = new TestClock();
  const [first, second] = [newKey(), newKey()];
  const pair = [
    replica(db, clock, "a", pemOf([first])),
    replica(db, clock, "b", jwksTextOf([first])),
  ] as const;
  const [one, other] = pair;
  const tokens: string[] = [];
  /** Five seconds of both, of which one always looks before the other; all that they have given out is believed by both. */
  const step = async () => {
    for (const { ring } of pair) await ring.refresh();
    for (const { issue } of pair) tokens.push(issue().text);
    for (const { verifier } of pair) for (const token of tokens) await verifier.verify(token);
    clock.advance(5_000);
  };
  const steps = async (count: number) => {
    for (let index = 0; index < count; index += 1) await step();
  };
  await steps(5);
  assert.deepEqual([one.issue().kid, other.issue().kid], [kidOf(first), kidOf(first)]);
  one.write(pemOf([second, first]));
  await steps(12);
  assert.deepEqual([one.issue().kid, other.issue().kid], [kidOf(second), kidOf(first)]);
  other.write(jwksTextOf([second, first]));
  await steps(2);
  assert.deepEqual([one.issue().kid, other.issue().kid], [kidOf(second), kidOf(second)]);
  const old = tokens[0] ?? "";
  one.write(pemOf([second]));
  tokens.splice(0, tokens.length);
  await steps(8);
  assert.equal((await one.verifier.verify(old)).role, "customer", "another replica still has the key");
  other.write(jwksTextOf([second]));
  await steps(8);
  for (const { verifier, ring } of pair) {
    await assert.rejects(verifier.verify(old), { reason: "TOKEN_INVALID" });
    assert.deepEqual(kidsOf(ring), [kidOf(second)]);
  }
});

test("keys that are given take over from those of the database, whose tokens stay good until they expire; without them the database goes on", async () => {
  const db = await testDatabase(user);
  const clock = new TestClock();
  const before = new KeyRing(db, clock, { rotationDays: 30 });
  await before.refresh();
  const [databaseKid = ""] = kidsOf(before);
  const key = newKey();
  const { ring, issue } = replica(db, clock, "c", pemOf([key]));
  await ring.refresh();
  assert.equal(issue().kid, databaseKid, "other replicas do not know the given one yet");
  clock.advance(15_000);
  await ring.refresh();
  assert.equal(issue().kid, kidOf(key));
  await before.refresh();
  assert.deepEqual(kidsOf(before).sort(), [databaseKid, kidOf(key)].sort());
  clock.advance(8 * dayMs);
  // Nobody has stopped to announce it meanwhile.
  await db.run("update announced_keys set last_seen_at = $1", [clock.now()]);
  await ring.refresh();
  assert.deepEqual(kidsOf(ring), [kidOf(key)]);
  clock.advance(60_000);
  await before.refresh();
  assert.equal(kidsOf(before).length, 1);
  assert.notEqual(kidsOf(before)[0], kidOf(key), "nobody is given the key any more");
});

test("a file that cannot be used stops a start with one sentence, and a running service keeps what it has; nothing of it is told", () => {
  const keys = [newKey()];
  const secret = mountedSecret("d");
  secret.write(pemOf(keys));
  const given = new GivenKeys(secret.file, silentLog);
  secret.write("-----BEGIN PRIVATE KEY-----\nhalf of it");
  assert.deepEqual(
    given.current().map(({ kid }) => kid),
    keys.map(kidOf),
  );
  assert.throws(
    () => new GivenKeys(secret.file, silentLog),
    /^ConfigError: .*USER_SIGNING_KEYS_FILE names .* which must hold 1 to 10 private Ed25519 keys/s,
  );
  assert.throws(() => new GivenKeys(join(folder, "nowhere"), silentLog), /which cannot be read \(ENOENT\)/);
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const { publicKey } = generateKeyPairSync("ed25519");
  for (const text of [
    "",
    "{}",
    '{"keys":[{"kty":"oct","k":"secret"}]}',
    pemOf([rsa]),
    JSON.stringify({ keys: [publicKey.export({ format: "jwk" })] }),
  ])
    assert.throws(() => parseGivenKeys(text), /must hold/);
  assert.throws(() => parseGivenKeys(pemOf([...keys, ...keys])), /the same key twice/);
  assert.equal(
    kidOf(keys[0] ?? rsa),
    parseGivenKeys(jwksTextOf(keys))[0]?.kid,
    "one key has one name, however it is written",
  );
});
