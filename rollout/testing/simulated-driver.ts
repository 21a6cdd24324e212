// A service that exists only as numbers, for tests of how a rollout walks: every version answers as it is told to, as the clock goes on.
import type { Clock } from "#platform/kit/clock.ts";
import type { Driver, Health, Standing, Version } from "../driver.ts";
import type { Figures, Readings } from "../figures.ts";
import { slotOf, slotsOf, type RolloutState, type Strategy } from "../plan.ts";

/** A clock whose waits take no time. */
export class LeapingClock implements Clock {
  #nowMs = 1_000;

  now(): Date {
    return new Date(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw new Error("The wait was stopped.");
    this.#nowMs += ms;
    await Promise.resolve();
  }

  after(): { stop(): void } {
    return { stop: () => undefined };
  }
}

export interface Behaviour {
  readonly errorShare?: number;
  readonly seconds?: number;
  readonly fault?: string;
}

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, Number.POSITIVE_INFINITY];

export class SimulatedDriver implements Driver {
  readonly service = "gateway";
  readonly applied: string[] = [];
  state: RolloutState;
  requestsPerSecond = 100;
  /** Throws instead of the change with this number, as a process that is killed does nothing more. */
  diesAt = Number.POSITIVE_INFINITY;
  readonly behaviours = new Map<string, Behaviour>();
  previous: string | undefined;
  onApply: (state: RolloutState) => void = () => undefined;
  readonly #clock: Clock;
  readonly #answered = new Map<string, { requests: number; atMs: number }>();

  constructor(strategy: Strategy, replicas: number, clock: Clock) {
    const [active = "", other] = slotsOf[strategy];
    this.#clock = clock;
    this.state = {
      strategy,
      active,
      to: "",
      slots: {
        [active]: { tag: "1.0", replicas, weight: 100 },
        ...(other === undefined ? {} : { [other]: { tag: "", replicas: 0, weight: 0 } }),
      },
    };
  }

  async read(): Promise<Standing> {
    return await Promise.resolve({ state: this.state, replicas: 3 });
  }

  async apply(state: RolloutState): Promise<void> {
    for (const name of Object.keys(this.state.slots)) this.#count(name);
    if (this.applied.length >= this.diesAt) throw new Error("killed");
    if (state.strategy === "rolling" && slotOf(state, "").tag !== slotOf(this.state, "").tag)
      this.previous = slotOf(this.state, "").tag;
    this.state = state;
    this.onApply(state);
    this.applied.push(
      Object.entries(state.slots)
        .map(([name, { tag, replicas, weight }]) => `${name} ${tag} ${replicas} ${weight}%`)
        .join(", "),
    );
    await Promise.resolve();
  }

  async health({ slot, tag }: Version): Promise<Health> {
    const { replicas, tag: is } = slotOf(this.state, slot);
    const { fault } = this.behaviours.get(tag) ?? {};
    const ready = fault === undefined && is === tag ? replicas : 0;
    return await Promise.resolve({ wanted: replicas, ready, ...(fault !== undefined && { fault }) });
  }

  async readings({ slot, tag }: Version): Promise<Readings> {
    if (slotOf(this.state, slot).tag !== tag) return new Map();
    this.#count(slot);
    const requests = this.#answered.get(`${slot}/${tag}`)?.requests ?? 0;
    return await Promise.resolve(new Map([[`${slot}/${tag}`, this.#figures(tag, requests)]]));
  }

  async tryOut({ tag }: Version): Promise<string | undefined> {
    return await Promise.resolve(this.behaviours.get(tag)?.fault);
  }

  async findPrevious(): Promise<string | undefined> {
    return await Promise.resolve(this.previous);
  }

  /** What a slot has answered since it was looked at last, by its share of the traffic. */
  #count(slot: string): void {
    const { tag, weight } = slotOf(this.state, slot);
    const name = `${slot}/${tag}`;
    const nowMs = this.#clock.monotonicMs();
    const before = this.#answered.get(name) ?? { requests: 0, atMs: nowMs };
    const more = ((nowMs - before.atMs) / 1000) * this.requestsPerSecond * (weight / 100);
    this.#answered.set(name, { requests: before.requests + more, atMs: nowMs });
  }

  #figures(tag: string, count: number): Figures {
    const { errorShare = 0, seconds = 0.008 } = this.behaviours.get(tag) ?? {};
    const requests = Math.round(count);
    return {
      requests,
      errors: Math.round(requests * errorShare),
      buckets: bounds.map((bound) => ({ bound, count: seconds <= bound ? requests : 0 })),
    };
  }
}
