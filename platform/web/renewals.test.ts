import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/testing/test-clock.ts";
import { Renewals } from "./renewals.ts";

test("a refresh token is used once by pages that were opened together, and again only after half a minute", async () => {
  const clock = new TestClock();
  let asked = 0;
  const renewals = new Renewals(() => Promise.resolve(`token-${(asked += 1)}`), clock);
  const renewed = await Promise.all([1, 2, 3].map(async () => await renewals.renew("refresh", undefined)));
  assert.deepEqual(renewed, ["token-1", "token-1", "token-1"]);
  clock.advance(29_000);
  await renewals.renew("refresh", undefined);
  assert.equal(asked, 1);
  clock.advance(2_000);
  assert.equal(await renewals.renew("refresh", undefined), "token-2");
});

test("a renewal that failed is not remembered", async () => {
  let asked = 0;
  const renewals = new Renewals(() => {
    asked += 1;
    return Promise.reject(new Error("The API is away."));
  }, new TestClock());
  await assert.rejects(renewals.renew("refresh", undefined));
  await assert.rejects(renewals.renew("refresh", undefined));
  assert.equal(asked, 2);
});
