import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/testing/test-clock.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import { GuestTokens } from "./guest-tokens.ts";

const caller = { requestId: newRandomId(), trace: traceFrom(undefined), clientAddress: "192.0.2.1" };

/** Answers as the API does, with another token each time, and counts. */
function countingApi(clock: TestClock) {
  const asked: string[] = [];
  const create = (sessionKey: string) => {
    asked.push(sessionKey);
    const expiresAt = new Date(clock.now().getTime() + 7 * 86_400_000).toISOString();
    return Promise.resolve({ token: `token-${asked.length}`, expiresAt });
  };
  return { asked, create };
}

test("a session asks for its token once, also when it opens many pages together", async () => {
  const clock = new TestClock();
  const api = countingApi(clock);
  const tokens = new GuestTokens(api.create, clock);
  const got = await Promise.all([1, 2, 3].map(async () => await tokens.get("one", caller)));
  assert.deepEqual(got, ["token-1", "token-1", "token-1"]);
  assert.equal(tokens.find("one"), "token-1");
  assert.equal(await tokens.get("two", caller), "token-2");
  assert.deepEqual(api.asked, ["one", "two"]);
});

test("a token is asked for again before it ends, and after it was refused", async () => {
  const clock = new TestClock();
  const tokens = new GuestTokens(countingApi(clock).create, clock);
  await tokens.get("one", caller);
  clock.advance(7 * 86_400_000 - 1_800_000);
  assert.equal(tokens.find("one"), undefined);
  assert.equal(await tokens.get("one", caller), "token-2");
  tokens.forget("one", "token-1");
  assert.equal(tokens.find("one"), "token-2", "the refusal of an older token does not cost the new one");
  tokens.forget("one", "token-2");
  assert.equal(await tokens.get("one", caller), "token-3");
});

test("the memory for tokens has a bound, and whoever was here last is remembered", async () => {
  const clock = new TestClock();
  const tokens = new GuestTokens(countingApi(clock).create, clock);
  await tokens.get("regular", caller);
  for (let index = 0; index < 20_000; index += 1) {
    await tokens.get(`passer-by-${index}`, caller);
    if (index % 1_000 === 0) tokens.find("regular");
  }
  assert.ok(tokens.find("regular"));
  assert.equal(tokens.find("passer-by-0"), undefined);
});
