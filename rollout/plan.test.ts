import { deepStrictEqual, strictEqual } from "node:assert";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  movesBetween,
  planOf,
  slotOf,
  slotsOf,
  stepsDone,
  type RolloutState,
  type Strategy,
} from "./plan.ts";

/** `v1 3 90 %, v2 1 10 %; v1`: replicas and weights by slot, and who is trusted. */
function inShort({ slots, active }: RolloutState): string {
  const parts = Object.entries(slots).map(
    ([name, { replicas, weight }]) => `${name} ${replicas} ${weight} %`,
  );
  return `${parts.join(", ")}; ${active}`;
}

function begin(strategy: Strategy, replicas: number): RolloutState {
  const [active = "", other] = slotsOf[strategy];
  return {
    strategy,
    active,
    to: "",
    slots: {
      [active]: { tag: "1.0", replicas, weight: 100 },
      ...(other === undefined ? {} : { [other]: { tag: "", replicas: 0, weight: 0 } }),
    },
  };
}

describe("a canary of three replicas", () => {
  const state = begin("canary", 3);
  const plan = planOf(state, "1.1", 3);

  test("S0-12 begins with v1 at 3 replicas and all the traffic", () => {
    strictEqual(inShort(state), "v1 3 100 %, v2 0 0 %; v1");
  });

  test("S0-13, S0-14 and S0-15 are its steps, to the letter", () => {
    deepStrictEqual(
      plan.steps.map((step) => inShort(step.state)),
      ["v1 3 90 %, v2 1 10 %; v1", "v1 2 50 %, v2 2 50 %; v1", "v1 0 0 %, v2 3 100 %; v2"],
    );
  });

  test("the next one leads back to v1", () => {
    const last = plan.steps.at(-1)?.state ?? state;
    const next = planOf(last, "1.2", 3);
    deepStrictEqual(
      next.steps.map((step) => inShort(step.state)),
      ["v2 3 90 %, v1 1 10 %; v2", "v2 2 50 %, v1 2 50 %; v2", "v2 0 0 %, v1 3 100 %; v1"],
    );
  });
});

describe("blue-green of three replicas a colour", () => {
  const state = begin("blueGreen", 3);
  const plan = planOf(state, "1.1", 3);

  test("S0-22 begins with blue alone", () => {
    strictEqual(inShort(state), "blue 3 100 %, green 0 0 %; blue");
  });

  test("S0-23, S0-24 and S0-25 are its steps, to the letter", () => {
    deepStrictEqual(
      plan.steps.map((step) => inShort(step.state)),
      [
        "blue 3 100 %, green 3 0 %; blue",
        "blue 3 0 %, green 3 100 %; green",
        "blue 0 0 %, green 3 100 %; green",
      ],
    );
  });

  test("S2-108 the idle colour is tried before it has the traffic, and judged before the other one goes", () => {
    deepStrictEqual(
      plan.steps.map(({ proof }) => proof),
      ["preview", "figures", "none"],
    );
  });
});

test("a rollout that was left is found at the step that it had reached", () => {
  for (const strategy of ["canary", "blueGreen"] as const) {
    const state = begin(strategy, 3);
    const plan = planOf(state, "1.1", 3);
    strictEqual(stepsDone(plan, state), 0);
    for (const [index, step] of plan.steps.entries()) {
      strictEqual(stepsDone(plan, step.state), index + 1);
      deepStrictEqual(planOf(step.state.to === "" ? state : step.state, "1.1", 3).steps.length, 3);
    }
  }
});

test("from wherever a rollout is killed, it goes on to the same steps", () => {
  for (const strategy of ["canary", "blueGreen"] as const) {
    const plan = planOf(begin(strategy, 3), "1.1", 3);
    let now = begin(strategy, 3);
    for (const step of plan.steps)
      for (const move of movesBetween(now, step.state)) {
        if (move.to !== "")
          deepStrictEqual(
            planOf(move, "1.1", 3).steps.map(({ state }) => inShort(state)),
            plan.steps.map(({ state }) => inShort(state)),
          );
        now = move;
      }
  }
});

test("whatever the counts, no move leaves the traffic with fewer pods than before it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("canary" as const, "blueGreen" as const),
      fc.integer({ min: 1, max: 10 }),
      (strategy, replicas) => {
        let now = begin(strategy, replicas);
        for (const step of planOf(now, "1.1", replicas).steps)
          for (const move of movesBetween(now, step.state)) {
            // Who has traffic after a move had its pods before it.
            for (const [name, { weight, replicas: count }] of Object.entries(move.slots)) {
              const before = slotOf(now, name);
              if (weight > before.weight)
                strictEqual(before.replicas >= count, true, `${step.title}: ${name}`);
              if (count < before.replicas)
                strictEqual(weight <= before.weight, true, `${step.title}: ${name}`);
            }
            const total = Object.values(move.slots).reduce((sum, { weight }) => sum + weight, 0);
            strictEqual(total, 100);
            now = move;
          }
        strictEqual(slotOf(now, now.active).replicas, replicas);
      },
    ),
  );
});
