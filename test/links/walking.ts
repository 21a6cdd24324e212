// Walkers on their way: for a while, and until all is well again.
import { systemClock } from "#platform/kit/clock.ts";
import type { Walker } from "./journeys.ts";

/** After the end of a fault every journey works again within so long, without a hand. */
export const recoverWithinMs = 10_000;
const betweenAsksMs = 50;

/** Asks one after another, each time after a breath. */
export async function walkFor(walker: Walker, ms: number): Promise<boolean[]> {
  const untilMs = systemClock.monotonicMs() + ms;
  const answers: boolean[] = [];
  do {
    answers.push(await walker.walk());
    await systemClock.sleep(betweenAsksMs);
  } while (systemClock.monotonicMs() < untilMs);
  return answers;
}

/** How long after the fault every journey has had as many good answers in a row as it has steps; more than the limit if it had not. */
export async function untilWell(walkers: readonly Walker[]): Promise<number> {
  const sinceMs = systemClock.monotonicMs();
  const times = await Promise.all(
    walkers.map(async (walker) => {
      let inARow = 0;
      let firstMs = 0;
      while (inARow < 4) {
        const beganMs = systemClock.monotonicMs();
        const isGood = await walker.walk();
        if (inARow === 0) firstMs = systemClock.monotonicMs() - sinceMs;
        inARow = isGood ? inARow + 1 : 0;
        if (beganMs - sinceMs > 2 * recoverWithinMs) return beganMs - sinceMs;
        await systemClock.sleep(betweenAsksMs);
      }
      return firstMs;
    }),
  );
  return Math.max(...times);
}
