import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/testing/test-clock.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import { GuestTokens } from "./guest-tokens.ts";

const caller = { requestId: newRandomId(), trace: traceFrom(undefined), clientAddress: "192.0.2.1" };

/** Signs and asks with another token each time, and says which. */
function countingSource(clock: TestClock) {
  const signed: string[] = [];
  const asked: string[] = [];
  const inSevenDays = () => new Date(clock.now().getTime() + 7 * 86_400_000);
  const sign = (sessionKey: string) => {
    signed.push(sessionKey);
    return { token: `signed-${signed.length}`, expiresAt: inSevenDays() };
  };
  const ask = (sessionKey: string) => {
    asked.push(sessionKey);
    return Promise.resolve({ token: `asked-${asked.length}`, expiresAt: inSevenDays().toISOString() });
  };
  return { signed, asked, sign, ask };
}

test("a session's token is made once and here, and nobody is asked for it", async () => {
  const clock = new TestClock();
  const source = countingSource(clock);
  const tokens = new GuestTokens(source, clock);
  const got = await Promise.all([1, 2, 3].map(async () => await tokens.get("one", caller)));
  assert.deepEqual(got, ["signed-1", "signed-1", "signed-1"]);
  assert.equal(tokens.find("one"), "signed-1");
  assert.equal(await tokens.get("two", caller), "signed-2");
  assert.deepEqual([source.signed, source.asked], [["one", "two"], []]);
});

test("one is made again before it ends; after one was refused the API is asked, once for all pages", async () => {
  const clock = new TestClock();
  const source = countingSource(clock);
  const tokens = new GuestTokens(source, clock);
  await tokens.get("one", caller);
  clock.advance(7 * 86_400_000 - 1_800_000);
  assert.equal(tokens.find("one"), undefined);
  assert.equal(await tokens.get("one", caller), "signed-2");
  tokens.forget("one", "signed-1");
  assert.equal(tokens.find("one"), "signed-2", "the refusal of an older token does not cost the new one");
  tokens.forget("one", "signed-2");
  const got = await Promise.all([1, 2, 3].map(async () => await tokens.get("one", caller)));
  assert.deepEqual(got, ["asked-1", "asked-1", "asked-1"]);
  assert.deepEqual(source.asked, ["one"]);
});

test("the memory for tokens has a bound, and whoever was here last is remembered", async () => {
  const clock = new TestClock();
  const tokens = new GuestTokens(countingSource(clock), clock);
  await tokens.get("regular", caller);
  for (let index = 0; index < 20_000; index += 1) {
    await tokens.get(`passer-by-${index}`, caller);
    if (index % 1_000 === 0) tokens.find("regular");
  }
  assert.ok(tokens.find("regular"));
  assert.equal(tokens.find("passer-by-0"), undefined);
});
