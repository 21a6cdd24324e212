// How the services of this process do, and those elsewhere that they call. What is answered has been seen, and says when.
import { DatabaseWatch, type Finding } from "#platform/database/database-watch.ts";
import type { Database } from "#platform/database/db.ts";
import type { Migration } from "#platform/database/migrate.ts";
import type { HealthProbe } from "#platform/rpc/grpc-health.ts";
import type { Clock } from "./clock.ts";
import type { HealthCheck, ServiceHealth } from "./service.ts";
import { Vitals, watchProcess } from "./vitals.ts";

/** A neighbour that this process has given up on for the moment, as its breaker says. */
interface BreakerState {
  readonly caller: string;
  readonly neighbour: string;
  readonly state: "closed" | "half-open" | "open";
}

export interface HealthWatchOptions {
  readonly clock: Clock;
  /** The breakers of this process. */
  readonly breakers?: () => readonly BreakerState[];
}

/** A service of this process, as its health is looked at. */
export interface WatchedService {
  readonly name: string;
  readonly db: Database | undefined;
  /** The migrations that the program knows of its database. */
  readonly migrations: readonly Migration[];
  readonly checks: readonly HealthCheck[];
}

/** Whether this process, or one service of it, may be asked for anything. */
export interface Readiness {
  readonly isServing: boolean;
  /** What is lacking, by service; only services that lack something. */
  readonly services: readonly { readonly service: string; readonly lacks: readonly string[] }[];
}

/** Services here are looked at so often, whoever asks. */
const everyMs = 1_000;
/** No part of a look takes longer. */
const lookMaxMs = 1_000;
/** What was seen in this time is not looked at again for somebody who asks: many who ask are no load. */
const freshMs = 1_000;
/** Whoever asks waits for a first look, or for one in place of an old one, but no longer than this. */
const waitMaxMs = 700;
const oldMs = 3_000;

/**
 * Looks at services. Those of this process are looked at once a second; those elsewhere when somebody asks. `states` answers within a
 * second whatever hangs. A service is ready when its database answers and holds the migrations of this program, and its checks are
 * well; what its neighbours do is none of its readiness.
 */
export class HealthWatch {
  readonly #options: HealthWatchOptions;
  readonly #here: { readonly name: string; readonly look: Look; readonly canFail: boolean }[] = [];
  readonly #elsewhere: { readonly name: string; readonly look: Look }[] = [];
  readonly #probes: HealthProbe[] = [];
  readonly #vitals = new Vitals();
  readonly #listeners = new Set<() => void>();

  constructor(options: HealthWatchOptions) {
    this.#options = options;
  }

  /** Adds a service of this process. */
  add({ name, db, migrations, checks }: WatchedService): void {
    const { clock } = this.#options;
    const database = db && new DatabaseWatch(db, migrations, clock);
    const look = async () => {
      const findings = await Promise.all([
        database?.look() ?? nothing,
        ...checks.map(async (check) => await lookAt(check, clock)),
      ]);
      return merged(findings);
    };
    // It has just been opened, and its database migrated.
    const first = { finding: nothing, atMs: clock.monotonicMs() };
    this.#here.push({
      name,
      canFail: database !== undefined || checks.length > 0,
      look: new Look(clock, look, first),
    });
  }

  /** Adds a service elsewhere, unless it is known; it is asked over a connection that is kept until `close`. */
  addNeighbour(name: string, open: () => HealthProbe): void {
    if (this.#elsewhere.some((one) => one.name === name)) return;
    const { clock } = this.#options;
    const probe = open();
    this.#probes.push(probe);
    const look = async (): Promise<Finding> => {
      const answer = await probe.look(lookMaxMs);
      if (!answer) return { lacks: ["It does not answer."], isDown: true };
      const { isServing, lacks } = answer;
      return {
        lacks: isServing || lacks.length > 0 ? lacks : ["It says that it cannot serve."],
        isDown: !isServing,
      };
    };
    this.#elsewhere.push({ name, look: new Look(clock, look) });
  }

  close(): void {
    for (const probe of this.#probes) probe.close();
  }

  /** Looks at the services of this process until the signal aborts. */
  start(stop: AbortSignal): void {
    const { clock } = this.#options;
    const tell = () => {
      for (const listener of this.#listeners) listener();
    };
    const lookAtAll = async () => {
      if (stop.aborted) return;
      await Promise.all(this.#here.map(async ({ look }) => await look.refresh()));
      tell();
      clock.after(everyMs, () => void lookAtAll());
    };
    void lookAtAll();
    watchProcess(this.#vitals, stop, tell);
  }

  /** Calls `listener` after every look at a service of this process, and at the process. */
  onLook(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Readiness of one service of this process, or of the process: it serves as long as one of its services with a database can. */
  readiness(service?: string): Readiness {
    const looks = this.#here.filter(({ name }) => service === undefined || name === service);
    const { lacks: processLacks } = this.#vitals;
    const services = looks
      .map(({ name, look }) => ({ service: name, lacks: [...processLacks, ...look.finding.lacks] }))
      .filter(({ lacks }) => lacks.length > 0);
    const fallible = looks.filter(({ canFail }) => canFail);
    const isDead = fallible.length > 0 && fallible.every(({ look }) => look.finding.isDown);
    return { isServing: processLacks.length === 0 && !isDead, services };
  }

  /** State of every service here and of every neighbour. Answers within a second. */
  async states(): Promise<ServiceHealth[]> {
    const { clock } = this.#options;
    const looks = [...this.#here, ...this.#elsewhere].map(({ look }) => look);
    const awaited = looks.filter((look) => look.ageMs > freshMs).map((look) => look.wanted());
    await within(Promise.all(awaited), waitMaxMs, clock);
    return [
      ...this.#here.map(({ name, look }) =>
        healthOf(name, look, [...this.#vitals.lacks, ...this.#given(name)]),
      ),
      ...this.#elsewhere.map(({ name, look }) => ({
        ...healthOf(name, look, []),
        breaker: this.#breakerOf(name),
      })),
    ];
  }

  /** The worst of the states that services here have of it. */
  #breakerOf(name: string): ServiceHealth["breaker"] {
    const { breakers = () => [] } = this.#options;
    const states = breakers().flatMap(({ neighbour, state }) => (neighbour === name ? [state] : []));
    const worst = (["open", "half-open"] as const).find((state) => states.includes(state));
    return worst ?? "closed";
  }

  /** Neighbours that a service here no longer asks for the moment. */
  #given(name: string): string[] {
    const { breakers = () => [] } = this.#options;
    return breakers()
      .filter(({ caller, state }) => caller === name && state === "open")
      .map(({ neighbour }) => `It has given up on ${neighbour} for the moment.`);
  }
}

function healthOf(service: string, { finding, seenAtMs }: Look, more: readonly string[]): ServiceHealth {
  const lacks = [...more, ...finding.lacks];
  const status = finding.isDown ? "down" : lacks.length > 0 ? "degraded" : "up";
  return { service, status, lacks, lookedAtMs: seenAtMs, breaker: "closed" };
}

const nothing: Finding = { lacks: [], isDown: false };
const unseen: Finding = { lacks: ["It has not answered yet."], isDown: true };

interface Seen {
  readonly finding: Finding;
  readonly atMs: number;
}

/** What was last seen of one service; at most one look at it is under way. */
class Look {
  readonly #clock: Clock;
  readonly #look: () => Promise<Finding>;
  #underWay: Promise<void> | undefined;
  #seen: Seen | undefined;

  constructor(clock: Clock, look: () => Promise<Finding>, first?: Seen) {
    this.#clock = clock;
    this.#look = look;
    this.#seen = first;
  }

  get finding(): Finding {
    return this.#seen?.finding ?? unseen;
  }

  get seenAtMs(): number {
    return this.#seen?.atMs ?? this.#clock.monotonicMs();
  }

  get ageMs(): number {
    return this.#seen ? this.#clock.monotonicMs() - this.#seen.atMs : Number.POSITIVE_INFINITY;
  }

  /** Looks again; resolves when that is done, or at once where what was seen is not old. */
  async wanted(): Promise<void> {
    const isOld = this.ageMs > oldMs;
    const seen = this.refresh();
    if (isOld) await seen;
  }

  refresh(): Promise<void> {
    this.#underWay ??= this.#see().finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  async #see(): Promise<void> {
    const atMs = this.#clock.monotonicMs();
    this.#seen = { finding: await this.#look(), atMs };
  }
}

async function lookAt({ name, isWell, isNeeded = true }: HealthCheck, clock: Clock): Promise<Finding> {
  const asked = isWell().catch(() => false);
  const answer = await within(asked, lookMaxMs, clock);
  return answer === true ? nothing : { lacks: [`It has to do without ${name}.`], isDown: isNeeded };
}

function merged(findings: readonly Finding[]): Finding {
  return {
    lacks: findings.flatMap(({ lacks }) => lacks),
    isDown: findings.some(({ isDown }) => isDown),
  };
}

/** What `work` comes to, or undefined when it takes longer. */
async function within<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = clock.after(ms, () => late.resolve(undefined));
  const answer = await Promise.race([work, late.promise]);
  timer.stop();
  return answer;
}
