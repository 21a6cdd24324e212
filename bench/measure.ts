// How things are measured here: rounds that take turns, medians, and the processor time of this process.

/** The middle value; of an even number of values the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value that the given share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error("There is no percentile of nothing: no value was measured.");
  return value;
}

type Contestants = Readonly<Record<string, () => Promise<number>>>;

/**
 * Runs the contestants in turn, round after round, and tells the median of each and of the ratio within a round: what else
 * goes on in the machine meets all of them alike. A first round, to warm up, does not count.
 */
export async function takeTurns<C extends Contestants>(
  rounds: number,
  contestants: C,
): Promise<Turns<keyof C & string>> {
  const values: Record<string, number[]> = {};
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(contestants)) {
      const value = await run();
      if (round >= 0) (values[name] ??= []).push(value);
    }
  }
  const of = (name: string) => values[name] ?? [];
  return {
    median: (name) => median(of(name)),
    ratio: (name, limit) => median(of(name).map((value, round) => value / (of(limit)[round] ?? Number.NaN))),
  };
}

/** What came of the rounds. */
export interface Turns<Name extends string> {
  median(name: Name): number;
  /** Median of `name / limit`, round by round. */
  ratio(name: Name, limit: Name): number;
}

/** Processor time of this process for one of `count` operations, in microseconds. */
export async function cpuMicros(count: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** What a closed loop found: each of its workers asks again as soon as it has its answer. */
export interface LoopResult {
  readonly perSecond: number;
  readonly durationsMs: readonly number[];
}

/** Does `work` `count` times, `parallel` at a time. */
export async function closedLoop(
  { count, parallel }: { count: number; parallel: number },
  work: (index: number) => Promise<unknown>,
): Promise<LoopResult> {
  const durationsMs: number[] = [];
  let next = 0;
  const startedMs = performance.now();
  const worker = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      const askedMs = performance.now();
      await work(index);
      durationsMs.push(performance.now() - askedMs);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return { perSecond: (count * 1_000) / (performance.now() - startedMs), durationsMs };
}
