import assert from "node:assert/strict";
import { test } from "node:test";
import { planRotation, signingKeyAt, type KeyTimes, type RotationRules } from "./signing-key.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const rules: RotationRules = { rotationMs: 30 * dayMs, leadMs: hourMs, keepMs: 7 * dayMs + hourMs };
const start = new Date("2030-01-01T00:00:00Z");
const at = (ms: number) => new Date(start.getTime() + ms);
const key = (kid: string, ms: number): KeyTimes => ({ kid, signsFrom: at(ms) });

test("without any key the first one signs at once", () => {
  assert.deepEqual(planRotation([], start, rules), { create: start, remove: [] });
});

test("a young key is left alone", () => {
  assert.deepEqual(planRotation([key("a", 0)], at(29 * dayMs), rules), { create: undefined, remove: [] });
});

test("a successor is published before it signs, once", () => {
  const now = at(30 * dayMs - hourMs);
  assert.deepEqual(planRotation([key("a", 0)], now, rules), { create: at(30 * dayMs), remove: [] });
  assert.equal(planRotation([key("a", 0), key("b", 30 * dayMs)], now, rules).create, undefined);
});

test("after a long pause the old key signs until the new one has been published for the whole lead", () => {
  const now = at(90 * dayMs);
  assert.deepEqual(planRotation([key("a", 0)], now, rules).create, at(90 * dayMs + hourMs));
});

test("a key goes only when every token that it signed has expired", () => {
  const keys = [key("a", 0), key("b", 30 * dayMs)];
  assert.deepEqual(planRotation(keys, at(37 * dayMs), rules).remove, []);
  assert.deepEqual(planRotation(keys, at(37 * dayMs + hourMs), rules).remove, ["a"]);
});

test("over two years, at every hour, one key signs, was published for the lead, and its tokens can be checked", () => {
  let keys: (KeyTimes & { publishedAt: Date })[] = [];
  const tokens: { kid: string; expiresAt: Date }[] = [];
  for (let hour = 0; hour < 2 * 365 * 24; hour += 1) {
    const now = at(hour * hourMs);
    const plan = planRotation(keys, now, rules);
    keys = keys.filter(({ kid }) => !plan.remove.includes(kid));
    if (plan.create) keys.push({ kid: `key-${hour}`, signsFrom: plan.create, publishedAt: now });
    const signing = signingKeyAt(keys, now);
    assert.ok(signing);
    assert.ok(
      hour === 0 || signing.publishedAt.getTime() + (signing.kid === "key-0" ? 0 : hourMs) <= now.getTime(),
    );
    tokens.push({ kid: signing.kid, expiresAt: at(hour * hourMs + 7 * dayMs) });
    for (const token of tokens.slice(-8 * 24))
      if (token.expiresAt > now) assert.ok(keys.some(({ kid }) => kid === token.kid));
    assert.ok(keys.length <= 3);
  }
  assert.ok(new Set(tokens.map(({ kid }) => kid)).size > 20);
});

test("a clock that goes back before the first key, or comes back from far ahead, finds a key to sign with and rotates on", () => {
  const keys = [key("a", 0)];
  const before = at(-hourMs);
  assert.equal(signingKeyAt(keys, before)?.kid, "a");
  assert.deepEqual(planRotation(keys, before, rules), { create: undefined, remove: [] });
  const ahead = [key("a", 0), key("far", 3650 * dayMs)];
  assert.equal(signingKeyAt(ahead, at(dayMs))?.kid, "a");
  assert.equal(planRotation(ahead, at(dayMs), rules).create, undefined);
  assert.deepEqual(planRotation(ahead, at(30 * dayMs), rules).create, at(30 * dayMs + hourMs));
  const onlyAhead = [key("far", 3650 * dayMs)];
  assert.equal(signingKeyAt(onlyAhead, at(0))?.kid, "far");
  assert.deepEqual(planRotation(onlyAhead, at(0), rules), { create: undefined, remove: [] });
});
