import assert from "node:assert/strict";
import { it } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { eventually, TestClock } from "#platform/testing/test-clock.ts";
import { Gate, type Pass, type Precedence } from "./gate.ts";

type Class = Exclude<Precedence, "always">;

function open() {
  const clock = new TestClock();
  const gate = new Gate({ clock });
  const enter = (precedence: Class): Pass | undefined => {
    let found: Pass | undefined;
    gate.enter(precedence, (pass) => (found = pass));
    return found;
  };
  const letIn = (precedence: Class, count: number): Pass[] =>
    Array.from({ length: count }, () => enter(precedence)).filter((pass) => pass !== undefined);
  /** Rounds of answers that each take so long, until the limit is as low as it gets. */
  const slowDown = () => {
    // Somebody is always there: a gate with nobody in it forgets.
    const last = enter("first");
    for (let round = 0; round < 40; round += 1) {
      const passes = letIn("last", 20);
      clock.advance(500);
      for (const pass of passes) pass.leave();
    }
    return last;
  };
  return { clock, gate, enter, letIn, slowDown };
}

it("two hundred orders at once are all let in, and what comes in time is never refused", () => {
  const { clock, gate, letIn } = open();
  for (let round = 0; round < 50; round += 1) {
    const passes = letIn("first", 200);
    assert.equal(passes.length, 200);
    clock.advance(300);
    for (const pass of passes) pass.leave();
  }
  assert.equal(gate.limit, 1_000);
});

it("answers that are late lower the limit, answers in time raise it again, and an idle process forgets it", () => {
  const { clock, gate, letIn, slowDown } = open();
  slowDown();
  assert.equal(gate.limit, 32);
  for (let look = 0; look < 20; look += 1) {
    const passes = letIn("last", 100);
    clock.advance(250);
    for (const pass of passes) pass.leave();
  }
  assert.ok(gate.limit > 100, `the limit is ${gate.limit}`);
  const idle = open();
  idle.slowDown()?.leave();
  idle.clock.advance(500);
  assert.deepEqual([idle.gate.underWay, idle.gate.limit], [0, 1_000]);
});

it("where not all can be served, looking around gives way to carts, and carts to orders, but nobody is starved", () => {
  const { letIn, slowDown } = open();
  slowDown();
  // Of 32 at once, one order is under way.
  const looking = letIn("last", 40).length;
  const carts = letIn("second", 40).length;
  const orders = letIn("first", 40).length;
  assert.deepEqual([looking, carts, orders], [22, 5, 6]);
  const crowded = open();
  crowded.slowDown();
  assert.deepEqual(
    [crowded.letIn("first", 40).length, crowded.letIn("second", 40).length, crowded.letIn("last", 40).length],
    [22, 5, 10],
    "orders leave some room",
  );
});

it("who goes first waits for a turn, for three seconds and not for ever; who has gone is passed over", () => {
  const { clock, gate, letIn, slowDown } = open();
  slowDown();
  const passes = letIn("first", 22);
  const told: string[] = [];
  const wait = (name: string) =>
    gate.enter("first", (pass) => void told.push(`${name} ${pass ? "in" : "out"}`));
  wait("a");
  wait("b")?.();
  wait("c");
  wait("d");
  assert.deepEqual(told, []);
  passes[0]?.leave();
  assert.deepEqual(told, ["a in"]);
  passes[1]?.leave();
  passes[1]?.leave();
  assert.deepEqual(told, ["a in", "c in"], "leaving twice is leaving once");
  clock.advance(2_900);
  assert.equal(told.length, 2);
  clock.advance(400);
  assert.deepEqual(told.slice(2), ["d out"]);
});

it("an event loop that never turns in time lowers the limit, one late turn does not", async () => {
  const gate = new Gate({ clock: systemClock });
  const passes: Pass[] = [];
  for (let count = 0; count < 150; count += 1) gate.enter("first", (pass) => pass && passes.push(pass));
  const block = () => {
    const untilMs = systemClock.monotonicMs() + 300;
    while (systemClock.monotonicMs() < untilMs);
  };
  block();
  await systemClock.sleep(400);
  const once = gate.limit;
  let isOver = false;
  const turn = () => {
    block();
    if (!isOver) setImmediate(turn);
  };
  turn();
  await eventually("the limit has sunk", () => gate.limit < once);
  isOver = true;
  for (const pass of passes) pass.leave();
  await eventually("it is forgotten", () => gate.limit === 1_000);
  assert.equal(once, 1_000);
});
