import assert from "node:assert/strict";
import { it } from "node:test";
import { TestClock } from "#platform/testing/test-clock.ts";
import { isReason } from "./errors.ts";
import { limitKey, RequestLimit } from "./rate-limit.ts";

it("all addresses of one IPv6 network of 64 bits share a limit", () => {
  assert.equal(limitKey("2001:db8:1:2::1"), limitKey("2001:db8:1:2:ffff:1:2:3"));
  assert.notEqual(limitKey("2001:db8:1:2::1"), limitKey("2001:db8:1:3::1"));
  assert.equal(limitKey("::1"), "0:0:0:0");
  assert.equal(limitKey("198.51.100.1"), "198.51.100.1");
});

it("requests beyond the limit of a minute are refused, and let in again later", async () => {
  const clock = new TestClock();
  const limit = new RequestLimit(clock, 10);
  for (let count = 0; count < 10; count += 1) await limit.take("a");
  await assert.rejects(limit.take("a"), (error: unknown) => isReason(error, "RATE_LIMITED"));
  await limit.take("b");
  clock.advance(120_000);
  await limit.take("a");
});

it("a minute's worth at the end of one minute leaves nothing for the start of the next", async () => {
  const clock = new TestClock(new Date("2030-01-01T00:00:59Z"));
  const limit = new RequestLimit(clock, 10);
  for (let count = 0; count < 10; count += 1) await limit.take("a");
  clock.advance(1_000);
  await assert.rejects(limit.take("a"), (error: unknown) => isReason(error, "RATE_LIMITED"));
});
