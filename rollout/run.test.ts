import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { describe, test } from "node:test";
import { ReadingObserver } from "./observe.ts";
import { slotOf, type Strategy } from "./plan.ts";
import { promote, rollOut, takeBack, type Rollout } from "./run.ts";
import { LeapingClock, SimulatedDriver } from "./testing/simulated-driver.ts";

function begin(strategy: Strategy, more: Partial<Rollout> = {}) {
  const clock = new LeapingClock();
  const driver = new SimulatedDriver(strategy, 3, clock);
  const lines: string[] = [];
  const rollout: Rollout = {
    driver,
    observer: new ReadingObserver(driver, clock),
    clock,
    stop: new AbortController().signal,
    print: (line) => lines.push(line),
    wordsBack: "stoa rollout back gateway",
    ...more,
  };
  return { clock, driver, lines, rollout };
}

const canaryMoves = [
  "v1 1.0 3 100%, v2 1.1 1 0%",
  "v1 1.0 3 90%, v2 1.1 1 10%",
  "v1 1.0 3 90%, v2 1.1 2 10%",
  "v1 1.0 3 50%, v2 1.1 2 50%",
  "v1 1.0 2 50%, v2 1.1 2 50%",
  "v1 1.0 2 50%, v2 1.1 3 50%",
  "v1 1.0 2 0%, v2 1.1 3 100%",
  "v1 1.0 0 0%, v2 1.1 3 100%",
];

test("S2-110 a good canary goes to 10, 50 and 100 %, each part of it in the order that loses nothing", async () => {
  const { driver, rollout } = begin("canary");
  await rollOut(rollout, "1.1");
  deepStrictEqual(driver.applied, canaryMoves);
});

test("S2-107 a good colour is tried, switched to, and the old one ends", async () => {
  const { driver, rollout } = begin("blueGreen");
  await rollOut(rollout, "1.1");
  deepStrictEqual(driver.applied, [
    "blue 1.0 3 100%, green 1.1 3 0%",
    "blue 1.0 3 0%, green 1.1 3 100%",
    "blue 1.0 0 0%, green 1.1 3 100%",
  ]);
});

describe("S2-112 a bad version is taken back by itself within a minute", () => {
  const faults = [
    ["that fails a fifth of the time", { errorShare: 0.2 }],
    ["that is five times slower", { seconds: 0.04 }],
    ["that does not start", { fault: "The pod gateway-x does not start: CrashLoopBackOff." }],
  ] as const;
  for (const strategy of ["canary", "blueGreen", "rolling"] as const)
    for (const [name, behaviour] of faults)
      test(`${strategy}: one ${name}`, async () => {
        const { clock, driver, rollout } = begin(strategy);
        const { active } = driver.state;
        driver.behaviours.set("1.1", behaviour);
        let tookTrafficMs: number | undefined;
        driver.onApply = (state) => {
          if (Object.values(state.slots).some(({ tag, weight }) => tag === "1.1" && weight > 0))
            tookTrafficMs ??= clock.monotonicMs();
        };
        await rejects(rollOut(rollout, "1.1"), /was taken back by itself/);
        strictEqual(driver.state.active, active);
        strictEqual(slotOf(driver.state, active).tag, "1.0");
        strictEqual(slotOf(driver.state, active).replicas, 3);
        strictEqual(driver.state.to, "");
        const badMs = clock.monotonicMs() - (tookTrafficMs ?? clock.monotonicMs());
        ok(badMs <= 60_000, `it had traffic for ${badMs} ms`);
      });
});

test("without traffic nothing is promoted, and a sentence says so", async () => {
  const { driver, rollout } = begin("canary");
  driver.requestsPerSecond = 0.1;
  await rejects(rollOut(rollout, "1.1"), /neither promoted nor taken back. Only \d+ requests came/);
  strictEqual(slotOf(driver.state, "v2").weight, 10);
  await rollOut({ ...rollout, isWithoutProof: true }, "1.1");
  strictEqual(slotOf(driver.state, "v2").weight, 100);
});

describe("a rollout that was killed", () => {
  for (const [strategy, moves] of [
    ["canary", 8],
    ["blueGreen", 3],
  ] as const)
    for (let at = 0; at < moves; at += 1) {
      test(`${strategy}, before change ${at + 1}: goes on to its end`, async () => {
        const { driver, rollout } = begin(strategy);
        driver.diesAt = at;
        await rejects(rollOut(rollout, "1.1"), /killed/);
        driver.diesAt = Number.POSITIVE_INFINITY;
        await rollOut(rollout, "1.1");
        const { active, to } = driver.state;
        strictEqual(slotOf(driver.state, active).tag, "1.1");
        strictEqual(slotOf(driver.state, active).replicas, 3);
        strictEqual(to, "");
        strictEqual(driver.applied.length, moves);
      });
      test(`${strategy}, before change ${at + 1}: is taken back`, async () => {
        const { driver, rollout } = begin(strategy);
        driver.diesAt = at;
        await rejects(rollOut(rollout, "1.1"), /killed/);
        driver.diesAt = Number.POSITIVE_INFINITY;
        if (at === 0) return await rejects(takeBack(rollout), /has run no other version/);
        await takeBack(rollout);
        const { active } = driver.state;
        strictEqual(slotOf(driver.state, active).tag, "1.0");
        strictEqual(slotOf(driver.state, active).replicas, 3);
        strictEqual(Object.values(driver.state.slots).filter(({ replicas }) => replicas > 0).length, 1);
      });
    }
});

test("S0-78 S2-109 after the switch the traffic goes back to the standing colour in one change", async () => {
  const { driver, rollout } = begin("blueGreen", { isPausing: true });
  await rollOut(rollout, "1.1");
  strictEqual(driver.state.active, "blue");
  await promote(rollout);
  strictEqual(driver.state.active, "green");
  const before = driver.applied.length;
  await takeBack(rollout);
  strictEqual(driver.state.active, "blue");
  deepStrictEqual(driver.applied.slice(before), ["blue 1.0 3 100%, green 1.1 0 0%"]);
});

test("S0-77 a canary that is over goes back as well: v1 first, then v2 to 0", async () => {
  const { driver, rollout } = begin("canary");
  await rollOut(rollout, "1.1");
  const before = driver.applied.length;
  await takeBack(rollout);
  deepStrictEqual(driver.applied.slice(before), [
    "v1 1.0 3 0%, v2 1.1 3 100%",
    "v1 1.0 3 100%, v2 1.1 3 0%",
    "v1 1.0 3 100%, v2 1.1 0 0%",
  ]);
});

test("S0-79 S2-106 a rolling update goes back to the version before", async () => {
  const { driver, rollout } = begin("rolling");
  await rollOut(rollout, "1.1");
  await takeBack(rollout);
  deepStrictEqual(driver.applied, [" 1.1 3 100%", " 1.0 3 100%"]);
});

test("another version is refused while one is under way, and says how to end it", async () => {
  const { rollout } = begin("canary", { isPausing: true });
  await rollOut(rollout, "1.1");
  await rejects(rollOut(rollout, "1.2"), /to 1\.1 is under way\. End it first: stoa rollout promote gateway/);
});

test("every step says what it did and how to go back", async () => {
  const { lines, rollout } = begin("canary");
  await rollOut(rollout, "1.1");
  const steps = lines.filter((line) => line.includes("is done"));
  strictEqual(steps.length, 3);
  for (const line of steps) match(line, /Back.*: stoa rollout back gateway/);
});
