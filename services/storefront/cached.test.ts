import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, TestClock } from "#platform/testing/test-clock.ts";
import { Cached } from "./cached.ts";

function counting(isKept?: (value: number) => boolean) {
  const clock = new TestClock();
  const fetches: PromiseWithResolvers<number>[] = [];
  const cached = new Cached<number, undefined>(
    clock,
    1_000,
    async () => {
      const fetch = Promise.withResolvers<number>();
      fetches.push(fetch);
      return await fetch.promise;
    },
    isKept,
  );
  return { clock, cached, fetches };
}

test("a value is asked for once while it is fresh, and goes on while fetching fails", async () => {
  const { clock, cached, fetches } = counting();
  const both = Promise.all([cached.get(undefined), cached.get(undefined)]);
  fetches[0]?.resolve(1);
  assert.deepEqual(await both, [1, 1]);
  assert.equal(await cached.get(undefined), 1);
  clock.advance(1_000);
  const again = cached.get(undefined);
  fetches[1]?.reject(new Error("away"));
  assert.equal(await again, 1);
  assert.equal(fetches.length, 2);
});

test("what is new is never a fetch that began before, and a failure is not passed over", async () => {
  const { cached, fetches } = counting();
  const before = cached.get(undefined);
  const fresh = cached.getNew(undefined);
  fetches[0]?.resolve(1);
  assert.equal(await before, 1);
  await eventually("it asks again", () => fetches.length === 2);
  fetches[1]?.resolve(2);
  assert.equal(await fresh, 2);
  const failing = cached.getNew(undefined);
  fetches[2]?.reject(new Error("away"));
  await assert.rejects(failing, /away/);
  assert.equal(await cached.get(undefined), 2);
});

test("what is not to be kept is asked anew each time", async () => {
  const { cached, fetches } = counting((value) => value > 0);
  const nothing = cached.get(undefined);
  fetches[0]?.resolve(0);
  assert.equal(await nothing, 0);
  const something = cached.get(undefined);
  fetches[1]?.resolve(5);
  assert.equal(await something, 5);
});
