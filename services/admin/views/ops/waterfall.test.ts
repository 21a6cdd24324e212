import assert from "node:assert/strict";
import { test } from "node:test";
import { waterfallRows, waterfallView, type WaterfallSpan } from "./waterfall.ts";

const span = (spanId: string, parentSpanId: string, startMs: number, durationMs: number): WaterfallSpan => ({
  ...{ spanId, parentSpanId, startMs, durationMs },
  ...{ name: `does ${spanId}`, service: "order", isError: false, attributes: [] },
});
const texts = { title: "Trace", duration: (ms: number) => `${ms} ms`, failed: "failed" };

test("children stand below their parents as they began, with their place in time", () => {
  const rows = waterfallRows([
    span("c", "a", 60, 20),
    span("b", "a", 10, 40),
    span("a", "", 0, 100),
    span("d", "b", 20, 10),
  ]);
  assert.deepEqual(
    rows.map(({ span: { spanId }, depth, from, share }) => [spanId, depth, from, share]),
    [
      ["a", 0, 0, 100],
      ["b", 1, 10, 40],
      ["d", 2, 20, 10],
      ["c", 1, 60, 20],
    ],
  );
});

test("spans whose parent was not kept, loops and twins are all shown once, and none is outside of the picture", () => {
  const rows = waterfallRows([
    span("a", "far", 5, 1),
    span("x", "y", 7, 2),
    span("y", "x", 8, 0),
    span("z", "z", 9, 0),
    span("a", "far", 5, 1),
  ]);
  assert.deepEqual(rows.map(({ span: { spanId } }) => spanId).sort(), ["a", "a", "x", "y", "z"]);
  for (const { from, share } of rows) assert.ok(from >= 0 && from < 100 && share > 0, `${from} ${share}`);
  assert.deepEqual(waterfallRows([]), []);
});

test("a trace of any size and depth makes a page of bounded size", () => {
  const deep = Array.from({ length: 5_000 }, (_, index) => span(`${index}`, `${index - 1}`, index, 1));
  const rows = waterfallRows(deep);
  assert.equal(rows.length, 400);
  assert.ok(rows.every(({ depth }) => depth <= 12));
});

test("names and attributes come from outside and never become markup", () => {
  const evil = `</li><img src=x onerror="alert(1)">`;
  const { text } = waterfallView(
    [{ ...span("a", "", 0, 1), name: evil, service: evil, attributes: [[evil, evil]], isError: true }],
    texts,
  );
  assert.doesNotMatch(text, /<img|onerror="/);
  assert.match(text, /class="status bad">failed/);
});
