import assert from "node:assert/strict";
import { it } from "node:test";
import { startInnerSpan, startSpan, traceFrom, traceHeaders, traceparentOf, withinWork } from "./trace.ts";
import { findRecentTrace } from "./recent-traces.ts";

const ids = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

it("a traceparent of this version and of later ones is continued, and what is none begins a new trace", () => {
  for (const said of [`00-${ids}-01`, `01-${ids}-01`, `42-${ids}-01-and more`]) {
    const trace = traceFrom(said);
    assert.equal(traceparentOf(trace), `00-${ids}-01`);
    assert.equal(trace.isNew, undefined);
  }
  const zeros = ids.replaceAll(/\w/g, "0");
  for (const said of [
    undefined,
    "",
    `00-${ids}-01-more`,
    `ff-${ids}-01`,
    `00-${zeros}-01`,
    `00-${ids.toUpperCase()}-01`,
  ])
    assert.equal(traceFrom(said).isNew, true, String(said));
});

it("tracestate and baggage go on with every span under a trace, and a new trace has no state", () => {
  const extras = { tracestate: "vendor=1", baggage: "tenant=a, user=b;meta=1" };
  const { trace } = startSpan("cart", "one", "server", traceFrom(`00-${ids}-00`, extras));
  const { traceparent, ...beside } = traceHeaders(trace);
  assert.deepEqual(beside, { tracestate: "vendor=1", baggage: "tenant=a,user=b;meta=1" });
  assert.match(traceparent ?? "", /-00$/);
  assert.deepEqual(Object.keys(traceHeaders(traceFrom(undefined, extras))), ["traceparent", "baggage"]);
});

it("baggage of strangers is cut to its members that are sound, sixteen of them and 1,024 characters", () => {
  const baggageOf = (baggage: string) => traceFrom(undefined, { baggage }).baggage;
  assert.equal(baggageOf('a=1,,no pair,b="quoted",c=%20,=d'), "a=1,c=%20");
  assert.equal(baggageOf("nothing"), undefined);
  const many = Array.from({ length: 100 }, (_, index) => `m${index}=1`).join(",");
  assert.equal(baggageOf(many)?.split(",").length, 16);
  assert.equal(baggageOf(`a=1,b=${"x".repeat(5_000)}`), "a=1");
  assert.ok((baggageOf(`a=${"x".repeat(100)},`.repeat(16))?.length ?? 9_999) < 1_024);
});

it("a statement belongs to the work that it is sent in, also after it has waited; outside of any it is none's", async () => {
  const outer = startSpan("cart", "outer", "server", traceFrom(undefined));
  await withinWork("cart", outer.trace, async () => {
    await Promise.resolve();
    startInnerSpan("store.find", "client")?.end({ failed: false });
  });
  outer.end({ failed: false });
  assert.equal(startInnerSpan("store.find", "client"), undefined);
  const [inner] = findRecentTrace(outer.trace.traceId)?.spans ?? [];
  assert.deepEqual(
    [inner?.name, inner?.service, inner?.parentSpanId],
    ["store.find", "cart", outer.trace.spanId],
  );
});
