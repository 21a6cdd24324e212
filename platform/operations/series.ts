// How much, how well and how fast, over the last minute: a ring of twelve slots of five seconds.

/** Upper bounds in milliseconds; what takes longer than the last falls into one more bucket. */
export const bucketBoundsMs = [
  1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 1_000, 2_500, 5_000,
] as const;

const slots = 12;
const slotMs = 5_000;
/** How far back a series tells. */
export const windowMs = slots * slotMs;

const buckets = bucketBoundsMs.length + 1;
/** Errors, attempts beyond the first, then the buckets. */
const width = buckets + 2;

/** What came in the last minute. */
export interface Tally {
  readonly count: number;
  readonly errors: number;
  readonly retries: number;
  /** How many fell into each bucket. */
  readonly buckets: number[];
}

/** One series: 912 bytes of counts, for as long as the process lives. Noting costs tens of nanoseconds and allocates nothing. */
export class Series {
  readonly #counts = new Uint32Array(slots * width);
  #slot = 0;
  #slotNumber = 0;

  /** Notes one thing that took `ms` and was over at `nowMs` (of a clock that only goes forward). */
  note(nowMs: number, ms: number, isError: boolean): void {
    const at = this.#turnTo(nowMs);
    const counts = this.#counts;
    const bucket = at + 2 + bucketOf(ms);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    if (isError) counts[at] = (counts[at] ?? 0) + 1;
  }

  /** Notes that something was tried once more. */
  noteRetry(nowMs: number): void {
    const at = this.#turnTo(nowMs) + 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  tally(nowMs: number): Tally {
    this.#turnTo(nowMs);
    const sums = Array.from({ length: width }, () => 0);
    this.#counts.forEach((value, index) => (sums[index % width] = (sums[index % width] ?? 0) + value));
    const [errors = 0, retries = 0, ...filled] = sums;
    return { count: filled.reduce((sum, value) => sum + value, 0), errors, retries, buckets: filled };
  }

  /** Empties the slots that time has passed over; tells where the counts of the present one begin. */
  #turnTo(nowMs: number): number {
    const number = Math.floor(nowMs / slotMs);
    if (number > this.#slotNumber) {
      const steps = Math.min(slots, number - this.#slotNumber);
      for (let step = 0; step < steps; step += 1) {
        this.#slot = (this.#slot + 1) % slots;
        this.#counts.fill(0, this.#slot * width, (this.#slot + 1) * width);
      }
      this.#slotNumber = number;
    }
    return this.#slot * width;
  }
}

function bucketOf(ms: number): number {
  let index = 0;
  while (index < bucketBoundsMs.length && ms > (bucketBoundsMs[index] ?? 0)) index += 1;
  return index;
}

/** Two tallies as one: of two replicas, or of two routes. */
export function addTallies(a: Tally, b: Tally): Tally {
  return {
    count: a.count + b.count,
    errors: a.errors + b.errors,
    retries: a.retries + b.retries,
    buckets: Array.from({ length: buckets }, (_, index) => (a.buckets[index] ?? 0) + (b.buckets[index] ?? 0)),
  };
}

/** A tally of nothing. */
export const emptyTally: Tally = {
  count: 0,
  errors: 0,
  retries: 0,
  buckets: Array.from({ length: buckets }, () => 0),
};

/**
 * The duration that this share of what was noted stayed below, between the bounds of its bucket; undefined of nothing. What is beyond
 * the last bound counts as that.
 */
export function quantileMs({ buckets: counts }: Pick<Tally, "buckets">, share: number): number | undefined {
  const total = counts.reduce((sum, value) => sum + value, 0);
  if (total === 0) return undefined;
  const wanted = share * total;
  let below = 0;
  for (const [index, value] of counts.entries()) {
    const upper = bucketBoundsMs[index] ?? bucketBoundsMs.at(-1) ?? 0;
    if (value > 0 && below + value >= wanted) {
      const lower = index === 0 ? 0 : (bucketBoundsMs[index - 1] ?? upper);
      return lower + ((upper - lower) * (wanted - below)) / value;
    }
    below += value;
  }
  return bucketBoundsMs.at(-1);
}
