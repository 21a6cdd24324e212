import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import {
  findRecentTrace,
  forgetTraces,
  keepTrace,
  recentTraces,
  type Fate,
  type RecentSpan,
} from "./recent-traces.ts";
import { randomHex, setSpanSink, startSpan, traceFrom, type SpanSink } from "./trace.ts";

beforeEach(forgetTraces);

function span(name: string, more: Partial<RecentSpan> = {}): RecentSpan {
  const ids = { traceId: randomHex(16), spanId: randomHex(8), parentSpanId: "" };
  const work = { name, kind: "server", service: "cart", startMs: 0, durationMs: 1, status: "ok" } as const;
  return { ...ids, ...work, attributes: {}, ...more };
}

function keep(name: string, fate: Fate, more: Partial<RecentSpan> = {}): string {
  const one = span(name, more);
  keepTrace(one.traceId, [one], fate);
  return one.traceId;
}

it("a trace is kept with its spans, their parents and how long all of it took, and found by its id", () => {
  const first = startSpan("gateway", "POST /orders", "server", traceFrom(undefined));
  const second = startSpan("checkout", "PlaceOrder", "server", first.trace);
  assert.deepEqual(recentTraces(), [], "it is going on");
  second.end({ failed: false, attributes: { "rpc.method": "PlaceOrder" } });
  first.end({ failed: false });
  const trace = findRecentTrace(first.trace.traceId);
  assert.ok(trace);
  assert.deepEqual([trace.name, trace.service, trace.status], ["POST /orders", "gateway", "ok"]);
  const [inner, outer] = trace.spans;
  assert.equal(inner?.parentSpanId, first.trace.spanId);
  assert.deepEqual(inner.attributes, { "rpc.method": "PlaceOrder" });
  assert.equal(outer?.parentSpanId, "");
  assert.ok(trace.durationMs >= inner.durationMs);
});

it("what happens to a trace later joins it, and its failure makes it a failed one", () => {
  const first = startSpan("order", "ConfirmOrder", "server", traceFrom(undefined));
  first.end({ failed: false });
  startSpan("email", "event order.placed", "consumer", first.trace).end({ failed: true });
  const trace = findRecentTrace(first.trace.traceId);
  assert.deepEqual(
    trace?.spans.map(({ name }) => name),
    ["ConfirmOrder", "event order.placed"],
  );
  assert.equal(trace.status, "error");
});

it("a flood of good traces is thinned out, takes no more than its room and none of what failed or was slow", () => {
  const failed = keep("GET /broken", "failed", { status: "error" });
  const slow = keep("GET /slow", "slow", { durationMs: 900 });
  for (let count = 0; count < 50_000; count += 1) keep("GET /products", "good", { startMs: count / 100 });
  const flood = recentTraces().filter(({ name }) => name === "GET /products");
  assert.equal(flood.length, 22, "twenty at once, and five a second for half a second");
  for (let count = 0; count < 10_000; count += 1) keep(`GET /${count}`, "good");
  assert.ok(recentTraces().length < 3_000, `${recentTraces().length} are kept`);
  assert.ok(findRecentTrace(failed));
  assert.ok(findRecentTrace(slow));
});

it("a trace of very many spans is cut and says so", () => {
  const traceId = randomHex(16);
  keepTrace(
    traceId,
    Array.from({ length: 1_000 }, () => span("one", { traceId })),
    "good",
  );
  const trace = findRecentTrace(traceId);
  assert.equal(trace?.isCut, true);
  assert.ok(trace.spans.length > 100 && trace.spans.length < 400);
});

it("what failed or was slow leaves for the collector whatever the sampler says, later parts too; what streams is not slow", () => {
  const sent: string[] = [];
  const sink: SpanSink = {
    isSampled: () => false,
    send: (spans) => void sent.push(...spans.map(({ name }) => name)),
  };
  setSpanSink(sink);
  try {
    startSpan("cart", "good", "server", traceFrom(undefined)).end({ failed: false });
    const outer = startSpan("cart", "outer", "server", traceFrom(undefined));
    startSpan("cart", "inner", "client", outer.trace).end({ failed: true });
    assert.deepEqual(sent, []);
    outer.end({ failed: false });
    assert.deepEqual(sent, ["inner", "outer"]);
    startSpan("email", "later", "consumer", outer.trace).end({ failed: false });
    assert.deepEqual(sent, ["inner", "outer", "later"]);
  } finally {
    setSpanSink(undefined);
  }
});
