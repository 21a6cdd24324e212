// Requests and orders that arrive at random and wait their turn at each station: a network of queues, played event by event.
import { seededRandom } from "../../test/lab/seeded-random.ts";

/** Something that works on one thing for each of its servers at a time; the rest waits in line. */
export interface Station {
  readonly name: string;
  readonly servers: number;
}

/** One kind of thing that arrives. */
export interface Flow {
  readonly name: string;
  readonly perSecond: number;
  /** The stations in order, with the mean time at each in milliseconds; times are spread exponentially. */
  readonly steps: readonly { readonly station: string; readonly ms: number }[];
  /** What passes beside all queues, such as commits to a disk. */
  readonly extraMs: number;
}

export interface Played {
  readonly p50: ReadonlyMap<string, number>;
  readonly p95: ReadonlyMap<string, number>;
  /** Part of the time that a station's servers were at work. */
  readonly busy: ReadonlyMap<string, number>;
}

interface Arrival {
  readonly flow: Flow;
  readonly beganMs: number;
  step: number;
}

interface Line {
  readonly station: Station;
  free: number;
  busyMs: number;
  readonly waiting: Arrival[];
  head: number;
}

/** The same seed plays the same. Times of the first tenth do not count. */
export function simulate(
  stations: readonly Station[],
  flows: readonly Flow[],
  { seconds, seed }: { seconds: number; seed: number },
): Played {
  const network = new Network(stations, seconds * 1_000, seededRandom(seed));
  network.play(flows);
  const share = (part: number) =>
    new Map(flows.map(({ name }) => [name, quantile(network.times.get(name) ?? [], part)] as const));
  return { p50: share(0.5), p95: share(0.95), busy: network.busy() };
}

class Network {
  readonly times = new Map<string, number[]>();
  readonly #lines: ReadonlyMap<string, Line>;
  readonly #events = new Heap<() => void>();
  readonly #endMs: number;
  readonly #random: () => number;
  #nowMs = 0;

  constructor(stations: readonly Station[], endMs: number, random: () => number) {
    this.#lines = new Map(
      stations.map((station) => [
        station.name,
        { station, free: station.servers, busyMs: 0, waiting: [], head: 0 },
      ]),
    );
    this.#endMs = endMs;
    this.#random = random;
  }

  play(flows: readonly Flow[]): void {
    for (const flow of flows) {
      this.times.set(flow.name, []);
      this.#arrive(flow);
    }
    for (let next = this.#events.pop(); next; next = this.#events.pop()) {
      this.#nowMs = next.at;
      if (this.#nowMs > this.#endMs) break;
      next.value();
    }
  }

  busy(): Map<string, number> {
    return new Map(
      [...this.#lines].map(([name, { busyMs, station }]) => [name, busyMs / (this.#endMs * station.servers)]),
    );
  }

  #arrive(flow: Flow): void {
    const atMs = this.#nowMs + this.#spread(1_000 / flow.perSecond);
    if (atMs > this.#endMs) return;
    this.#events.push(atMs, () => {
      this.#goOn({ flow, beganMs: this.#nowMs, step: 0 });
      this.#arrive(flow);
    });
  }

  #goOn(arrival: Arrival): void {
    const { flow, beganMs, step } = arrival;
    const next = flow.steps[step];
    if (!next) {
      if (beganMs > this.#endMs / 10) this.times.get(flow.name)?.push(this.#nowMs - beganMs + flow.extraMs);
      return;
    }
    const line = this.#lines.get(next.station);
    if (!line) throw new Error(`No station is called ${next.station}.`);
    if (line.free > 0) this.#serve(line, arrival, next.ms);
    else line.waiting.push(arrival);
  }

  #serve(line: Line, arrival: Arrival, meanMs: number): void {
    line.free -= 1;
    const ms = this.#spread(meanMs);
    line.busyMs += Math.min(ms, Math.max(0, this.#endMs - this.#nowMs));
    this.#events.push(this.#nowMs + ms, () => {
      line.free += 1;
      arrival.step += 1;
      this.#goOn(arrival);
      const next = line.waiting[line.head];
      if (!next || line.free === 0) return;
      line.head += 1;
      this.#serve(line, next, next.flow.steps[next.step]?.ms ?? 0);
    });
  }

  #spread(mean: number): number {
    return -Math.log(1 - this.#random()) * mean;
  }
}

/** Infinite when nothing came through: then everything waits. */
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Infinity;
}

/** What comes next is taken first. */
class Heap<T> {
  readonly #items: { at: number; value: T }[] = [];

  push(at: number, value: T): void {
    const items = this.#items;
    let index = items.push({ at, value }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent];
      if (!above || above.at <= at) break;
      items[index] = above;
      index = parent;
    }
    items[index] = { at, value };
  }

  pop(): { at: number; value: T } | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (!first || !last || items.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const smaller = (items[right]?.at ?? Infinity) < (items[left]?.at ?? Infinity) ? right : left;
      const child = items[smaller];
      if (!child || child.at >= last.at) break;
      items[index] = child;
      index = smaller;
    }
    items[index] = last;
    return first;
  }
}
