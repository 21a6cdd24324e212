import assert from "node:assert/strict";
import { it } from "node:test";
import { addTallies, emptyTally, quantileMs, Series, windowMs } from "./series.ts";
import { entranceTallies, noteAnswer, noteRequest } from "./traffic.ts";

it("a series tells of the last minute, and of nothing before it", () => {
  const series = new Series();
  series.note(0, 3, false);
  series.note(30_000, 180, true);
  series.noteRetry(30_000);
  const { count, errors, retries } = series.tally(30_000);
  assert.deepEqual([count, errors, retries], [2, 1, 1]);
  assert.equal(series.tally(windowMs).count, 1);
  assert.equal(series.tally(30_000 + windowMs).count, 0);
  series.note(10 * windowMs, 1, false);
  assert.equal(series.tally(10 * windowMs).count, 1);
});

it("what most stayed below lies within the bucket where it is, of all replicas together", () => {
  const [fast, slow] = [new Series(), new Series()];
  for (let index = 0; index < 94; index += 1) fast.note(0, 4, false);
  for (let index = 0; index < 6; index += 1) slow.note(0, 170, false);
  const together = addTallies(fast.tally(0), slow.tally(0));
  const p95 = quantileMs(together, 0.95) ?? 0;
  assert.ok(p95 > 150 && p95 <= 200, String(p95));
  assert.ok((quantileMs(together, 0.5) ?? 0) <= 5);
  assert.equal(quantileMs(emptyTally, 0.95), undefined);
});

it("a flood of names takes no more memory than its bound", () => {
  for (let index = 0; index < 20_000; index += 1) {
    noteRequest("gateway", `GET /${index}`, 1, false);
    noteAnswer("cart", `test.v1.Service/${index}`, 1, false);
  }
  const told = entranceTallies();
  assert.ok(told.length <= 2 * 513, String(told.length));
  const others = told.filter(({ name }) => name === "others");
  assert.equal(
    others.reduce((sum, { count }) => sum + count, 0),
    2 * (20_000 - 512),
  );
});
