import assert from "node:assert/strict";
import { it } from "node:test";
import { appError } from "#platform/kit/errors.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { Scope } from "./scope.ts";

const reasonOf = ({ ended }: Scope) => ended?.reason;

it("a scope ends at its deadline with DEADLINE_EXCEEDED, not before", () => {
  const clock = new TestClock();
  const scope = new Scope(clock, 100);
  clock.advance(99);
  assert.equal(reasonOf(scope), undefined);
  assert.equal(scope.remainingMs, 1);
  clock.advance(1);
  assert.equal(reasonOf(scope), "DEADLINE_EXCEEDED");
  assert.equal(scope.remainingMs, 0);
});

it("a child may end earlier than its parent, never later", () => {
  const clock = new TestClock();
  const parent = new Scope(clock, 100);
  const short = new Scope(clock, 50, parent);
  const long = new Scope(clock, 500, parent);
  assert.equal(long.deadlineMs, parent.deadlineMs);
  clock.advance(50);
  assert.ok(short.ended);
  assert.equal(parent.ended, undefined);
  assert.equal(long.ended, undefined);
  clock.advance(50);
  assert.ok(parent.ended && long.ended);
});

it("cancelling ends children, listeners and signal with the first reason, and leaves the parent alone", () => {
  const clock = new TestClock();
  const parent = new Scope(clock, 100);
  const scope = new Scope(clock, 100, parent);
  const child = new Scope(clock, 100, scope);
  const heard: string[] = [];
  scope.onEnd(({ reason }) => heard.push(reason));
  const { signal } = scope;
  scope.cancel(appError("canceled", "FIRST"));
  scope.cancel(appError("canceled", "SECOND"));
  assert.deepEqual(heard, ["FIRST"]);
  assert.equal(child.ended?.reason, "FIRST");
  assert.equal(signal.aborted, true);
  assert.equal((signal.reason as { reason: string }).reason, "FIRST");
  assert.equal(parent.ended, undefined);
});

it("whoever listens to a scope that has ended hears it at once, and a child of it is born ended", () => {
  const clock = new TestClock();
  const scope = new Scope(clock, 100);
  scope.cancel();
  let heard = false;
  scope.onEnd(() => (heard = true));
  assert.ok(heard);
  assert.ok(new Scope(clock, 50, scope).ended);
  assert.ok(scope.signal.aborted, "also a signal that is asked for afterwards");
});

it("a listener that was taken back hears nothing", () => {
  const scope = new Scope(new TestClock(), 100);
  const detach = scope.onEnd(() => assert.fail("It was taken back."));
  detach();
  scope.cancel();
  assert.equal(scope.ended?.kind, "canceled");
});

it("closed work is not ended by its deadline, nor by its parent", () => {
  const clock = new TestClock();
  const parent = new Scope(clock, 1_000);
  const scope = new Scope(clock, 100, parent);
  scope.close();
  clock.advance(100);
  parent.cancel();
  assert.equal(scope.ended, undefined);
});

it("no time at all ends a scope as soon as timers run", () => {
  const clock = new TestClock();
  const scope = new Scope(clock, -5);
  assert.equal(scope.remainingMs, 0);
  clock.advance(0);
  assert.equal(scope.ended?.reason, "DEADLINE_EXCEEDED");
});

it("work that is done is not ended any more, whoever says so afterwards", () => {
  const scope = new Scope(new TestClock(), 1_000);
  const heard: unknown[] = [];
  scope.onEnd((reason) => heard.push(reason));
  scope.close();
  scope.cancel();
  assert.equal(scope.ended, undefined);
  assert.equal(scope.signal.aborted, false);
  assert.deepEqual(heard, []);
});
