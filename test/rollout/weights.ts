// How HAProxy really shared the requests of a canary, for each of its weights.
import { systemClock } from "#platform/kit/clock.ts";
import { slotOf } from "../../rollout/plan.ts";
import type { HaproxyDriver } from "./haproxy-driver.ts";

export interface Counted {
  /** Percent that the new version should get. */
  readonly weight: number;
  readonly requests: number;
  /** Part of them that it got. */
  readonly share: number;
}

/** Counts until it is ended; only spans in which the weights stayed as they were. */
export function countWeights(driver: HaproxyDriver): { end(): Promise<Counted[]> } {
  const tally = new Map<number, { fresh: number; all: number }>();
  let isOpen = true;
  const running = (async () => {
    let before = await look(driver);
    const to = before.other;
    while (isOpen) {
      await systemClock.sleep(250);
      const now = await look(driver);
      const weight = now.weightOf(to);
      if (weight === before.weightOf(to) && weight > 0 && now.changes === before.changes) {
        const [fresh, all] = [now.of(to) - before.of(to), now.all - before.all];
        const sum = tally.get(weight) ?? { fresh: 0, all: 0 };
        tally.set(weight, { fresh: sum.fresh + fresh, all: sum.all + all });
      }
      before = now;
    }
  })();
  return {
    end: async () => {
      isOpen = false;
      await running;
      return [...tally].map(([weight, { fresh, all }]) => ({
        weight,
        requests: all,
        share: all === 0 ? 0 : fresh / all,
      }));
    },
  };
}

async function look(driver: HaproxyDriver) {
  const { state } = await driver.read();
  const given = await driver.given();
  return {
    changes: driver.changes.length,
    other: Object.keys(state.slots).find((name) => name !== state.active) ?? "",
    all: [...given.values()].reduce((sum, count) => sum + count, 0),
    of: (slot: string) => given.get(slot) ?? 0,
    weightOf: (slot: string) => slotOf(state, slot).weight,
  };
}
