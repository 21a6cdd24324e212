import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/testing/test-clock.ts";
import { RecentAnswers } from "./recent-answers.ts";

function counting() {
  const clock = new TestClock();
  const recent = new RecentAnswers(clock);
  let computed = 0;
  const ask = (isDear: boolean, meanwhile?: () => void) =>
    recent.get(
      "total",
      () => {
        meanwhile?.();
        computed += 1;
        return Promise.resolve(computed);
      },
      () => isDear,
    );
  return { clock, recent, ask };
}

test("a dear answer is computed once in five seconds", async () => {
  const { clock, ask } = counting();
  assert.equal(await ask(true), 1);
  clock.advance(4_999);
  assert.equal(await ask(true), 1);
  clock.advance(1);
  assert.equal(await ask(true), 2);
});

test("a cheap answer is computed each time", async () => {
  const { ask } = counting();
  assert.equal(await ask(false), 1);
  assert.equal(await ask(false), 2);
});

test("a write makes forget also what was being computed when it happened", async () => {
  const { recent, ask } = counting();
  assert.equal(await ask(true), 1);
  recent.forget();
  assert.equal(await ask(true, () => recent.forget()), 2);
  assert.equal(await ask(true), 3);
});

test("nobody waits for a dear count that is only somewhat old, and it is counted again meanwhile", async () => {
  const clock = new TestClock();
  const recent = new RecentAnswers(clock);
  let counted = 0;
  const ask = async () =>
    await recent.getSoon(
      "counts",
      () => Promise.resolve((counted += 1)),
      () => true,
    );
  assert.equal(await ask(), 1);
  clock.advance(5_001);
  assert.equal(await ask(), 1);
  assert.equal(await ask(), 2);
  clock.advance(70_000);
  assert.equal(await ask(), 3);
});
