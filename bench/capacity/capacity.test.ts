import assert from "node:assert/strict";
import { test } from "node:test";
import { simulate } from "./simulation.ts";

/** Means of the queues that are solved on paper: M/M/1 and M/M/2. */
test("a simulated queue waits as long as the formula says", () => {
  const flow = { name: "f", perSecond: 80, steps: [{ station: "s", ms: 10 }], extraMs: 0 };
  const one = simulate([{ name: "s", servers: 1 }], [flow], { seconds: 2_000, seed: 1 });
  // M/M/1 with a load of 0.8: times are exponential with a mean of 10 / (1 - 0.8) = 50 ms.
  assert.ok(Math.abs((one.p50.get("f") ?? 0) / (50 * Math.LN2) - 1) < 0.1, String(one.p50.get("f")));
  assert.ok(Math.abs((one.p95.get("f") ?? 0) / (50 * Math.log(20)) - 1) < 0.1, String(one.p95.get("f")));
  assert.ok(Math.abs((one.busy.get("s") ?? 0) - 0.8) < 0.02);
  const two = simulate([{ name: "s", servers: 2 }], [flow], { seconds: 500, seed: 1 });
  assert.ok((two.p95.get("f") ?? 0) < (one.p95.get("f") ?? 0) / 3);
  assert.ok(Math.abs((two.busy.get("s") ?? 0) - 0.4) < 0.02);
});

test("more than a station can do makes it wait without end, and the same seed plays the same", () => {
  const flow = { name: "f", perSecond: 150, steps: [{ station: "s", ms: 10 }], extraMs: 0 };
  const play = () => simulate([{ name: "s", servers: 1 }], [flow], { seconds: 30, seed: 7 });
  assert.ok((play().p95.get("f") ?? 0) > 5_000);
  assert.deepEqual(play(), play());
});
