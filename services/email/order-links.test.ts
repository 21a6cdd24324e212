import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { OrderLinks } from "./order-links.ts";

const clock = new TestClock();
const key = randomBytes(32);
const links = new OrderLinks(key, clock, 60);
const dayMs = 24 * 3_600_000;

test("a link opens its own order until it expires, and no other; a changed one opens nothing", () => {
  const orderId = newId();
  const access = links.accessTo(orderId);
  assert.match(access, /^[\w.-]{20,64}$/, "it needs no escaping in an address");
  assert.ok(links.expiryOf(orderId, access));
  assert.equal(links.expiryOf(newId(), access), undefined);
  const [seconds = "", proof = ""] = access.split(".");
  const later = (parseInt(seconds, 36) + 1).toString(36);
  const other = proof.startsWith("A") ? "B" : "A";
  for (const changed of [
    "",
    proof,
    `${later}.${proof}`,
    `${seconds}.${other}${proof.slice(1)}`,
    `${access}x`,
  ])
    assert.equal(links.expiryOf(orderId, changed), undefined, changed);
  assert.equal(new OrderLinks(randomBytes(32), clock, 60).expiryOf(orderId, access), undefined);
  assert.ok(
    new OrderLinks(key, clock, 1).expiryOf(orderId, access),
    "what it says counts, not the setting of today",
  );
  clock.advance(60 * dayMs - 1_000);
  assert.ok(links.expiryOf(orderId, access));
  clock.advance(2_000);
  assert.equal(links.expiryOf(orderId, access), undefined);
});
