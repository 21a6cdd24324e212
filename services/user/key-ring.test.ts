import assert from "node:assert/strict";
import { test } from "node:test";
import { keysFromJwks, TokenVerifier } from "#platform/auth/token.ts";
import { newId } from "#platform/kit/ids.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { KeyRing } from "./key-ring.ts";
import { user } from "./service.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const jwksOf = (ring: KeyRing | undefined) => JSON.stringify({ keys: ring?.publicJwks() ?? [] });

test("twenty replicas that start at once agree on one key", async () => {
  const db = await testDatabase(user);
  const clock = new TestClock();
  const rings = Array.from({ length: 20 }, () => new KeyRing(db, clock, 30));
  await Promise.all(rings.map((ring) => ring.refresh()));
  assert.equal(new Set(rings.map((ring) => jwksOf(ring))).size, 1);
  assert.equal(keysFromJwks(jwksOf(rings[0])).size, 1);
});

test("tokens outlive a restart and a rotation, and no replica ever signs with a key that others do not know", async () => {
  const db = await testDatabase(user);
  const clock = new TestClock();
  const [signer, knower] = [new KeyRing(db, clock, 30), new KeyRing(db, clock, 30)];
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
  const restarted = new KeyRing(db, clock, 30);
  await restarted.refresh();
  assert.equal(jwksOf(restarted), jwksOf(signer));
});
