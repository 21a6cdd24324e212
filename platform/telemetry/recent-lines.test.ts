import assert from "node:assert/strict";
import { it } from "node:test";
import { TestClock } from "#platform/testing/test-clock.ts";
import { createLogger } from "./log.ts";
import { recentLines } from "./recent-lines.ts";

const written: string[] = [];
const clock = new TestClock();
const log = createLogger({ level: "warn", format: "json", clock }, (line) => void written.push(line));
const cart = log.child({ service: "cart" });

/** Lines since then, by their messages. */
function said(after: number, filter: Partial<Parameters<typeof recentLines>[0]> = {}): string[] {
  return recentLines({ after, limit: 100, ...filter }).lines.map(({ msg }) => msg);
}
const now = () => recentLines({ limit: 1 }).last;

it("lines are kept with what they carry, censored, also those that the level leaves out", () => {
  const after = now();
  cart.info(
    { kind: "event", event: "order.placed", orderId: "o1", requestId: "r1", traceId: "t1" },
    "Placed.",
  );
  cart.debug("Nobody wants to know.");
  log.warn({ password: "s3cret" }, "Strange.");
  const { lines, last } = recentLines({ after, limit: 10 });
  assert.equal(last, after + 2);
  const [placed, strange] = lines;
  assert.deepEqual(
    { ...placed, time: "" },
    {
      number: after + 1,
      time: "",
      level: "info",
      kind: "event",
      service: "cart",
      msg: "Placed.",
      requestId: "r1",
      traceId: "t1",
      fields: { event: "order.placed", orderId: "o1" },
    },
  );
  assert.deepEqual([strange?.kind, strange?.service, strange?.fields], ["app", "", { password: "***" }]);
  assert.equal(written.length, 1, "only the warning is written");
});

it("they are filtered by level, kind, service and text, the newest first to be taken, and read on from a number", () => {
  const after = now();
  cart.info({ kind: "access", route: "/a" }, "One.");
  cart.error({ orderId: "o-42" }, "Two.");
  log.info("Three.");
  assert.deepEqual(said(after), ["One.", "Two.", "Three."]);
  assert.deepEqual(said(after, { level: "warn" }), ["Two."]);
  assert.deepEqual(said(after, { kind: "access" }), ["One."]);
  assert.deepEqual(said(after, { service: "cart" }), ["One.", "Two."]);
  assert.deepEqual(said(after, { text: "O-42" }), ["Two."]);
  assert.deepEqual(said(after, { limit: 2 }), ["Two.", "Three."]);
  assert.deepEqual(said(after + 2), ["Three."]);
});

it("a flood of good lines takes no more than its room, and none of what was wrong", () => {
  const after = now();
  log.error("The one thing that matters.");
  for (let count = 0; count < 20_000; count += 1) log.info({ count }, "x".repeat(200));
  log.error({ stack: "y".repeat(100_000) }, "Very long.");
  const { lines } = recentLines({ after, limit: 100_000 });
  assert.equal(lines[0]?.msg, "The one thing that matters.");
  const bytes = lines.reduce((total, line) => total + JSON.stringify(line).length, 0);
  assert.ok(lines.length > 1_000 && bytes < 1024 * 1024, `${lines.length} lines, ${bytes} bytes`);
  assert.equal(lines.at(-1)?.msg, "Very long.");
});

it("the same error again and again is written twenty times, then counted; another one and each request are not", async () => {
  written.length = 0;
  const fail = (id: number) =>
    cart.error({ err: new Error(`Row ${id} of 0e02b2c3-58cc-4372 is gone.`) }, "It cannot be read.");
  for (let count = 0; count < 5_000; count += 1) fail(count);
  assert.equal(written.length, 20);
  cart.error("Something else.");
  for (let count = 0; count < 100; count += 1)
    log.warn({ kind: "access", status: 503 }, "A request was answered with an error of ours.");
  assert.equal(written.length, 121);
  clock.advance(10_000);
  await Promise.resolve();
  assert.equal(written.length, 122);
  const { repeated, level, service } = JSON.parse(written.at(-1) ?? "") as Record<string, unknown>;
  assert.deepEqual([repeated, level, service], [4_980, "error", "cart"]);
  fail(1);
  fail(2);
  assert.equal(written.length, 123, "one more every ten seconds");
});
