// Work that a service has begun and neither done nor given up, as people who watch the shop see it.

/** One piece of it; nothing personal. */
export interface UnderWayItem {
  readonly id: string;
  readonly status: string;
  /** How far it is, or what it waits for. */
  readonly step: string;
  readonly ageSeconds: number;
  /** The process that holds it; empty where nobody does. */
  readonly owner: string;
  /** How long it is held yet; negative where that is over. */
  readonly heldSeconds: number;
}

/** How many there are of one status. */
export interface UnderWayState {
  readonly status: string;
  readonly count: number;
  readonly oldestSeconds: number;
}

/** Reads both, the items oldest first. */
export type UnderWayStore = (
  limit: number,
) => Promise<{ readonly items: readonly UnderWayItem[]; readonly states: readonly UnderWayState[] }>;
