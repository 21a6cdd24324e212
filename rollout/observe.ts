// What two versions answered in the last seconds: read from their processes, or asked of a Prometheus that reads them anyway.
import type { Clock } from "#platform/kit/clock.ts";
import type { Driver, Version } from "./driver.ts";
import { between, type Figures, type Readings } from "./figures.ts";

/** Figures of one version. */
export interface Observer {
  /** Begins to count anew. */
  begin(version: Version): Promise<void>;
  /** What was answered in the last seconds, and since the beginning. */
  look(version: Version): Promise<{ readonly recent: Figures; readonly whole: Figures }>;
}

/** A fault is seen in the answers of so many seconds. */
export const recentMs = 20_000;

interface Reading {
  readonly atMs: number;
  readonly readings: Readings;
}

/** Reads the processes themselves: needs nothing beside them. */
export class ReadingObserver implements Observer {
  readonly #driver: Pick<Driver, "readings">;
  readonly #clock: Clock;
  readonly #seen = new Map<string, Reading[]>();

  constructor(driver: Pick<Driver, "readings">, clock: Clock) {
    this.#driver = driver;
    this.#clock = clock;
  }

  async begin(version: Version): Promise<void> {
    this.#seen.set(nameOf(version), [await this.#read(version)]);
  }

  async look(version: Version): Promise<{ recent: Figures; whole: Figures }> {
    const name = nameOf(version);
    const seen = this.#seen.get(name) ?? [];
    const now = await this.#read(version);
    this.#seen.set(name, [...seen, now]);
    const first = seen[0] ?? now;
    const recent = seen.findLast(({ atMs }) => now.atMs - atMs >= recentMs) ?? first;
    return {
      recent: between(recent.readings, now.readings),
      whole: between(first.readings, now.readings),
    };
  }

  async #read(version: Version): Promise<Reading> {
    return { atMs: this.#clock.monotonicMs(), readings: await this.#driver.readings(version) };
  }
}

function nameOf({ slot, tag }: Version): string {
  return `${slot}/${tag}`;
}
