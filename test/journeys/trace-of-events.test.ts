import assert from "node:assert/strict";
import { after, it } from "node:test";
import { newRandomId } from "#platform/kit/ids.ts";
import { randomHex, setSpanRecorder, traceFrom, type TraceContext } from "#platform/telemetry/trace.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

interface SeenSpan {
  readonly service: string;
  readonly name: string;
  readonly trace: TraceContext;
  readonly parentSpanId: string;
}

const spans: SeenSpan[] = [];
setSpanRecorder({
  start: (service, name, _kind, parent) => {
    const trace = { traceId: parent.traceId, spanId: randomHex(8), sampled: true };
    return { trace, end: () => void spans.push({ service, name, trace, parentSpanId: parent.spanId }) };
  },
});
after(() => setSpanRecorder(undefined));
const shop = await openBackEnd();

it("what listeners do about an order belongs to the trace of the request that placed it", async () => {
  const trace = traceFrom(undefined);
  const userId = newRandomId();
  const { order } = await shop.checkout.placeOrder(
    orderRequest({ userId, items: [{ productId: "6E92ZMYYFZ", quantity: 1 }] }),
    { trace, timeoutMs: 30_000 },
  );
  assert.ok(order);
  const ours = () => spans.filter(({ trace: { traceId } }) => traceId === trace.traceId);
  const heard = () => ours().filter(({ name }) => name === "event order.placed");
  await eventually("both listeners have heard it", () => heard().length === 2);
  assert.deepEqual(
    heard()
      .map(({ service }) => service)
      .toSorted((a, b) => a.localeCompare(b)),
    ["email", "recommendation"],
  );
  // Each is a child of the span that emitted the event.
  const confirming = ours().find(({ name }) => name.endsWith("/ConfirmOrder"));
  assert.ok(confirming);
  for (const { parentSpanId } of heard()) assert.equal(parentSpanId, confirming.trace.spanId);
  await shop.mustBeSound();
});
