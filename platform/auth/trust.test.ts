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
  return { clock, cache, asked, revoked, answer };
}

/** Lets what is ready run. */
const turns = async () => {
  for (let count = 0; count < 20; count += 1) await Promise.resolve();
};

async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = () => (isSettled = true);
  promise.then(settle, settle);
  await turns();
  return !isSettled;
}

test("once there was an answer nobody waits: the last one counts, and the issuer is asked behind it", async () => {
  const { clock, asked, revoked, answer } = openCache();
  const first = revoked();
  await answer(0);
  assert.equal(await first, 0);
  clock.advance(1_500);
  assert.equal(asked.length, 2);
  for (let second = 0; second < 70; second += 1) {
    assert.equal(await isWaiting(revoked()), false, `${second} s later, while it hangs`);
    clock.advance(1_000);
  }
  await answer(3);
  assert.equal(await revoked(), 3);
});

test("the clock drives the asking: what is revoked is known within five seconds to whoever comes then, also after an hour's silence", async () => {
  const { clock, asked, revoked, answer } = openCache();
  const first = revoked();
  await answer(0);
  await first;
  let silentMs = 0;
  const step = async (ms: number, count: number) => {
    silentMs += ms;
    clock.advance(ms);
    await turns();
    await answer(count);
  };
  while (silentMs < 3_600_000) await step(500, 0);
  assert.ok(asked.length < 1_300, `${asked.length} calls in an hour of silence`);
  for (let ms = 0; ms < 4_500; ms += 500) await step(500, 1);
  assert.equal(await revoked(), 1);
});

test("how old it is goes with it, counted from when the issuer was asked", async () => {
  const { clock, cache, answer } = openCache();
  const first = cache.current();
  clock.advance(900);
  await answer(0);
  const { askedMs = 0 } = await first;
  assert.equal(clock.monotonicMs() - askedMs, 900);
  clock.advance(61_000);
  assert.equal((await cache.current()).askedMs, askedMs);
});

test("without any word of the issuer the first wait a second, then it is 503 at once, until there is one", async () => {
  const { clock, cache, asked, revoked, answer } = openCache();
  const first = revoked();
  assert.equal(await isWaiting(first), true);
  asked[0]?.reject(appError("deadline_exceeded", "DEADLINE_EXCEEDED"));
  await assert.rejects(first, { kind: "unavailable", reason: "TRUST_UNKNOWN" });
  for (let count = 0; count < 50; count += 1) await assert.rejects(revoked(), { reason: "TRUST_UNKNOWN" });
  assert.equal(asked.length, 1, "it is not asked with every request");
  clock.advance(500);
  assert.equal(asked.length, 2);
  await assert.rejects(revoked(), { reason: "TRUST_UNKNOWN" });
  assert.equal(cache.known(), undefined);
  await answer(1);
  assert.equal(await revoked(), 1);
});

test("for a key nobody has seen the issuer is asked out of turn: once a second, and waited for 400 ms at most", async () => {
  const { clock, cache, asked, revoked, answer } = openCache();
  const first = revoked();
  await answer(0);
  await first;
  clock.advance(600);
  const newer = cache.newer();
  assert.equal(await isWaiting(newer), true);
  await answer(5);
  assert.equal((await newer)?.revokedTokenIds.size, 5);
  await cache.newer();
  assert.equal(asked.length, 2);
  clock.advance(1_000);
  const late = cache.newer();
  assert.equal(await isWaiting(late), true);
  clock.advance(400);
  assert.equal((await late)?.revokedTokenIds.size, 5);
});

test("a cache that was started has an answer before anybody comes; one that was closed asks no more", async () => {
  const { clock, cache, asked, answer } = openCache();
  cache.start();
  assert.equal(asked.length, 1);
  await answer(2);
  assert.equal(cache.known()?.revokedTokenIds.size, 2);
  cache.close();
  clock.advance(100_000);
  assert.equal(asked.length, 1);
});
