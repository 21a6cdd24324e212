import assert from "node:assert/strict";
import { test } from "node:test";
import { newRandomId } from "#platform/kit/ids.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { Deliveries } from "./delivery.ts";

const caller = { requestId: newRandomId(), trace: traceFrom(undefined), clientAddress: "192.0.2.1" };
const wanted = { country: "DE", currency: "EUR", productId: "p", variantId: "v" };

test("the rates are asked once a minute for each place and variant, and again at once when they were not there", async () => {
  const clock = new TestClock();
  const asked: string[] = [];
  let isDown = false;
  const deliveries = new Deliveries(clock, (body) => {
    asked.push(`${body.shippingAddress.country} ${body.items[0]?.variantId}`);
    if (isDown) return Promise.reject(new Error("nobody answers"));
    const cost = { amount: "4.00", currencyCode: "EUR" };
    return Promise.resolve([{ code: "slow", name: "By barge", cost, estimatedDays: 20 }]);
  });
  const both = await Promise.all([1, 2].map(async () => await deliveries.get(wanted, caller)));
  for (const { country, methods } of both) assert.deepEqual([country, methods[0]?.estimatedDays], ["DE", 20]);
  await deliveries.get({ ...wanted, country: "FR" }, caller);
  assert.deepEqual(asked, ["DE v", "FR v"]);
  clock.advance(60_001);
  isDown = true;
  await assert.rejects(deliveries.get(wanted, caller));
  isDown = false;
  assert.equal((await deliveries.get(wanted, caller)).country, "DE");
  assert.equal(asked.length, 4);
});
