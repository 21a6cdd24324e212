import assert from "node:assert/strict";
import { test } from "node:test";
import type { User } from "#gen/rest/types.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { KnownStaff } from "./known-staff.ts";

const ada = { id: "1", email: "ada@example.com", role: "admin" } as User;

test("one of the staff is known for half an hour after the API has named them, and asked for again after ten seconds", () => {
  const clock = new TestClock();
  const staff = new KnownStaff(clock);
  assert.equal(staff.find("session"), undefined);
  staff.note("session", ada);
  assert.equal(staff.findFresh("session"), ada);
  assert.equal(staff.find("another"), undefined);
  clock.advance(11_000);
  assert.deepEqual([staff.findFresh("session"), staff.find("session")], [undefined, ada]);
  clock.advance(30 * 60_000);
  assert.equal(staff.find("session"), undefined);
  staff.note("session", ada);
  staff.forget("session");
  assert.equal(staff.find("session"), undefined);
});

test("no more sessions are kept than there are places", () => {
  const staff = new KnownStaff(new TestClock());
  for (let count = 0; count < 250; count += 1) staff.note(`session ${count}`, ada);
  assert.equal(staff.find("session 49"), undefined);
  assert.equal(staff.find("session 50"), ada);
});
