import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/testing/test-clock.ts";
import { appError } from "./errors.ts";
import { KeptValues, LastKnown } from "./last-known.ts";

/** A neighbour that answers when the test says so. */
function neighbour() {
  const clock = new TestClock();
  const kept = new KeptValues<string>({ clock, weightMax: 10, ageMsMax: 300_000 });
  const last = new LastKnown(clock, { patienceMs: 250, lateMs: 3_000 });
  const asked: PromiseWithResolvers<string>[] = [];
  const ask = async () =>
    await last.ask({
      ask: async () => {
        const answer = Promise.withResolvers<string>();
        asked.push(answer);
        return await answer.promise;
      },
      known: (why) => (why === "late" ? kept.findUnchanged("key") : kept.find("key")),
      keep: (value) => kept.set("key", value),
    });
  const turn = async () => await new Promise(setImmediate);
  return { clock, kept, asked, ask, turn };
}

const away = appError("unavailable", "NEIGHBOUR_UNAVAILABLE");

test("a neighbour that hangs costs its callers one wait, then nothing, until it is heard again", async () => {
  const { clock, asked, ask, turn } = neighbour();
  const first = ask();
  asked[0]?.resolve("one");
  assert.deepEqual(await first, { value: "one" });
  clock.advance(60_000);
  const waiting = ask();
  await turn();
  clock.advance(250);
  assert.deepEqual(await waiting, { value: "one", ageMs: 60_250 });
  assert.deepEqual(await ask(), { value: "one", ageMs: 60_250 });
  assert.deepEqual(await ask(), { value: "one", ageMs: 60_250 });
  assert.equal(asked.length, 3, "behind the old answers it is asked once at a time");
  asked[2]?.resolve("two");
  await turn();
  const well = ask();
  asked[3]?.resolve("three");
  assert.deepEqual(await well, { value: "three" });
});

test("a neighbour that fails is stood in for, but a refusal is its answer", async () => {
  const { asked, ask, clock } = neighbour();
  const first = ask();
  asked[0]?.resolve("one");
  await first;
  const failed = ask();
  asked[1]?.reject(away);
  assert.deepEqual(await failed, { value: "one", ageMs: 0 });
  clock.advance(3_000);
  const refused = ask();
  asked[2]?.reject(appError("not_found", "PRODUCT_NOT_FOUND"));
  await assert.rejects(refused, { reason: "PRODUCT_NOT_FOUND" });
});

test("with nothing kept, or too long ago, the question is what it is", async () => {
  const { clock, asked, ask } = neighbour();
  const none = ask();
  asked[0]?.reject(away);
  await assert.rejects(none, { reason: "NEIGHBOUR_UNAVAILABLE" });
  const first = ask();
  asked[1]?.resolve("one");
  await first;
  clock.advance(300_001);
  const old = ask();
  asked[2]?.reject(away);
  await assert.rejects(old, { reason: "NEIGHBOUR_UNAVAILABLE" });
});

test("after a change an old answer stands in for a failure, not for one that is late", async () => {
  const { clock, kept, asked, ask, turn } = neighbour();
  const first = ask();
  asked[0]?.resolve("one");
  await first;
  kept.noteChange();
  const late = ask();
  await turn();
  clock.advance(1_000);
  await turn();
  asked[1]?.resolve("two");
  assert.deepEqual(await late, { value: "two" });
  kept.noteChange();
  const failed = ask();
  asked[2]?.reject(away);
  assert.deepEqual(await failed, { value: "two", ageMs: 0 });
});

test("what is kept stays within its weight, the oldest going first", () => {
  const clock = new TestClock();
  const kept = new KeptValues<number>({ clock, weightMax: 10, ageMsMax: 1_000 });
  kept.set("a", 1, 4);
  kept.set("b", 2, 4);
  kept.set("c", 3, 4);
  assert.deepEqual(
    ["a", "b", "c"].map((key) => kept.find(key)?.value),
    [undefined, 2, 3],
  );
  kept.set("d", 4, 11);
  assert.equal(kept.find("d"), undefined);
  assert.equal(kept.find("b")?.value, 2);
});
