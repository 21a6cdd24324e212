import type { Readings } from "./figures.ts";
import type { RolloutState } from "./plan.ts";

/** One version of a service, as something that runs. */
export interface Version {
  readonly slot: string;
  readonly tag: string;
}

export interface Standing {
  readonly state: RolloutState;
  /** How many replicas the service needs at full traffic. */
  readonly replicas: number;
}

export interface Health {
  readonly wanted: number;
  readonly ready: number;
  /** A full sentence when waiting will not make it well. */
  readonly fault?: string;
}

/** What a rollout does to one service and sees of it, wherever that runs. Nothing is kept outside of what runs. */
export interface Driver {
  readonly service: string;
  read(): Promise<Standing>;
  /** Makes it so; `why` is one line for whoever looks at the history. `replicas` is how many the service needs at full traffic. */
  apply(state: RolloutState, replicas: number, why: string): Promise<void>;
  health(version: Version): Promise<Health>;
  /** What each process of a version has answered so far. */
  readings(version: Version): Promise<Readings>;
  /** Tries a version that gets no traffic yet. A full sentence when it does not do what it should. */
  tryOut(version: Version): Promise<string | undefined>;
  /** The version that a rolling update replaced last; undefined when nothing remembers one. */
  findPrevious(): Promise<string | undefined>;
}
