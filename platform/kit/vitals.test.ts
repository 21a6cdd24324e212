import assert from "node:assert/strict";
import { it } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import { Vitals, watchProcess } from "./vitals.ts";

const calm = { lateMs: 3, busyMs: 10, heapShare: 0.3 };

function after(vitals: Vitals, seconds: number, fromMs: number, pulse = calm): number {
  for (let look = 1; look <= seconds * 2; look += 1) vitals.take({ ...pulse, nowMs: fromMs + look * 500 });
  return fromMs + seconds * 1000;
}

it("a loop that its own work has blocked for a second makes the process unready until it was calm for three", () => {
  const vitals = new Vitals();
  vitals.take({ ...calm, nowMs: 0, lateMs: 1_200, busyMs: 1_100 });
  assert.match(vitals.lacks.join(), /event loop/);
  const nowMs = after(vitals, 2, 0);
  assert.equal(vitals.lacks.length, 1);
  after(vitals, 1, nowMs);
  assert.deepEqual(vitals.lacks, []);
});

it("a process that was stopped, or kept from the processor by others, stays ready", () => {
  const vitals = new Vitals();
  vitals.take({ ...calm, nowMs: 0, lateMs: 30_000, busyMs: 20 });
  vitals.take({ ...calm, nowMs: 500, lateMs: 2_000, busyMs: 700 });
  assert.deepEqual(vitals.lacks, []);
});

it("a heap that stays near its limit makes the process unready; garbage that comes and goes does not", () => {
  const vitals = new Vitals();
  for (let nowMs = 0; nowMs < 20_000; nowMs += 500)
    vitals.take({ ...calm, nowMs, heapShare: nowMs % 3_000 === 0 ? 0.6 : 0.97 });
  assert.deepEqual(vitals.lacks, []);
  let nowMs = after(vitals, 4, 20_000, { ...calm, heapShare: 0.9 });
  assert.match(vitals.lacks.join(), /memory/);
  nowMs = after(vitals, 10, nowMs, { ...calm, heapShare: 0.8 });
  assert.equal(vitals.lacks.length, 1, "it hangs between the two bounds");
  after(vitals, 4, nowMs);
  assert.deepEqual(vitals.lacks, []);
});

it("the process is felt as it is: work that blocks its loop is seen, and is over when it is over", async (t) => {
  const vitals = new Vitals();
  const stop = new AbortController();
  t.after(() => stop.abort());
  let looks = 0;
  watchProcess(vitals, stop.signal, () => (looks += 1));
  await eventually("it was looked at", () => looks > 0);
  assert.deepEqual(vitals.lacks, []);
  // Blocked by work of this thread, however little of the processor it gets.
  const startedMs = computed();
  while (computed() - startedMs < 2_200);
  await eventually("the block is seen", () => vitals.lacks.length > 0);
  await eventually("it is over", () => vitals.lacks.length === 0);
});

function computed(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
