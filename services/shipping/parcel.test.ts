import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { countItems, newTrackingNumber, parseTrackingNumber } from "./parcel.ts";

test("a tracking number has the shape that clients know, and is read back however it was typed", () => {
  const address = { line1: "1600 Amphitheatre Parkway", city: "Mountain View", region: "CA" };
  const number = newTrackingNumber(address);
  assert.match(number, /^[A-Z]{2}-44\d{3}-22\d{7}$/);
  assert.equal(number.length, 18);
  assert.equal(parseTrackingNumber(` ${number.toLowerCase()} `), number);
  const longest = newTrackingNumber({
    line1: "x".repeat(512),
    city: "x".repeat(512),
    region: "x".repeat(512),
  });
  assert.equal(parseTrackingNumber(longest), longest);
  for (const text of ["", "AB-1-2", "AB-44123-221234567'; drop", "x".repeat(10_000)])
    assert.equal(parseTrackingNumber(text), undefined);
});

test("quantities add up; below 1, above 10000 and more than 500 lines are refused", () => {
  assert.equal(countItems([{ quantity: 2n }, { quantity: 3n }]), 5n);
  assert.equal(countItems([]), 0n);
  for (const quantity of [0n, -1n, 10_001n])
    assert.throws(() => countItems([{ quantity: 1n }, { quantity }]), /items\[1\]\.quantity/);
  const lines = Array.from({ length: 501 }, () => ({ quantity: 1n }));
  assert.throws(
    () => countItems(lines),
    (error) => isReason(error, "VALIDATION_FAILED"),
  );
});
