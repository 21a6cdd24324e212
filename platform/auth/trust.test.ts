import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { GetTrustResponseSchema } from "#gen/stoa/platform/v1/trust_pb.js";
import { appError } from "#platform/kit/errors.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { TrustCache } from "./trust.ts";

type Answer = MessageInitShape<typeof GetTrustResponseSchema>;

/** An issuer that answers when it is told to. */
function openCache() {
  const clock = new TestClock();
  const asked: PromiseWithResolvers<Answer>[] = [];
  const issuer = {
    getTrust: async () => {
      const answer = Promise.withResolvers<Answer>();
      asked.push(answer);
      return create(GetTrustResponseSchema, await answer.promise);
    },
  };
  const cache = new TrustCache(issuer as never, clock, silentLog);
  const revoked = async () => (await cache.current()).revokedTokenIds.size;
  const answer = async (count: number) => {
    const revokedTokens = Array.from({ length: count }, (_, index) => ({ tokenId: String(index) }));
    asked.at(-1)?.resolve({ jwksJson: '{"keys":[]}', revokedTokens });
    await turns();
  };
  return { clock, asked, revoked, answer };
}

/** Lets what is ready run. */
const turns = async () => {
  for (let count = 0; count < 20; count += 1) await Promise.resolve();
};

async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  void promise.finally(() => (isSettled = true));
  await turns();
  return !isSettled;
}

test("an issuer that hangs is waited for once and not for long; when it answers, what it says counts", async () => {
  const { clock, asked, revoked, answer } = openCache();
  const first = revoked();
  await answer(0);
  assert.equal(await first, 0);
  clock.advance(1_500);
  const waits = revoked();
  assert.equal(await isWaiting(waits), true, "it may still answer in time");
  clock.advance(400);
  assert.equal(await waits, 0);
  for (let second = 0; second < 8; second += 1) {
    assert.equal(await isWaiting(revoked()), false, `${second} s later`);
    clock.advance(1_000);
  }
  await answer(3);
  assert.equal(await revoked(), 3);
  assert.ok(asked.length >= 2);
});

test("one that is away is asked again every moment and a half, and nobody waits; back again, it is waited for", async () => {
  const { clock, asked, revoked, answer } = openCache();
  const first = revoked();
  await answer(0);
  await first;
  clock.advance(1_500);
  const failed = revoked();
  await turns();
  asked.at(-1)?.reject(appError("unavailable", "NEIGHBOUR_UNAVAILABLE"));
  assert.equal(await failed, 0);
  const before = asked.length;
  clock.advance(1_500);
  assert.equal(await isWaiting(revoked()), false);
  assert.equal(asked.length, before + 1);
  await answer(2);
  clock.advance(1_500);
  const fresh = revoked();
  assert.equal(await isWaiting(fresh), true, "a revocation must be seen");
  await answer(4);
  assert.equal(await fresh, 4);
});

test("without any word of the issuer there is no trust", async () => {
  const { asked, revoked } = openCache();
  const first = revoked();
  await turns();
  asked[0]?.reject(appError("unavailable", "NEIGHBOUR_UNAVAILABLE"));
  await assert.rejects(first, /NEIGHBOUR_UNAVAILABLE/);
});
