// All processes of the shop, asked at once for what each tells of itself; one that is silent costs less than a second.
import type { MessageShape } from "@bufbuild/protobuf";
import type { OperationsService } from "#gen/stoa/platform/v1/operations_pb.js";
import type { ProcessService, GetReportResponseSchema } from "#gen/stoa/platform/v1/process_pb.js";
import type { Clock } from "#platform/kit/clock.ts";
import type { Client } from "#platform/rpc/contract.ts";
import { Addresses, type Place } from "./places.ts";

/** What one process tells of itself. */
export type ProcessReport = MessageShape<typeof GetReportResponseSchema>;

/** How a process is asked. */
export interface ProcessClients {
  readonly process: Client<typeof ProcessService>;
  /** Of the one service that runs there. */
  readonly operations: Client<typeof OperationsService>;
  readonly close: () => void;
}

export interface ShopProcessesOptions {
  /** The process that asks; it is asked like any other, without a wire. */
  readonly self: {
    readonly process: Client<typeof ProcessService>;
    readonly services: readonly string[];
    /** Of a service that runs here and has a database; undefined for any other. */
    readonly operations: (service: string) => Client<typeof OperationsService> | undefined;
  };
  /** Where the others are; empty where there are none. */
  readonly places: readonly Place[];
  /** Opens the way to one address; its certificate must be good for `host`. */
  readonly open: (address: string, host: string) => ProcessClients;
  readonly clock: Clock;
}

/** A process as it was last seen. */
export interface SeenProcess {
  /** host:port, `here` for the process that asks, or the place itself where nobody was found there. */
  readonly address: string;
  /** Name of the place: the service, or role, that is expected there. */
  readonly place: string;
  /** Whether the place still names it. */
  readonly isListed: boolean;
  /** Its last report; undefined where none ever came. */
  readonly report: ProcessReport | undefined;
  /** How long it has been silent; 0 when it answered this time. */
  readonly silentForMs: number;
  readonly restarts: number;
}

/** What one process answered to a question, and who it is. */
export interface Answered<T> {
  readonly address: string;
  readonly place: string;
  readonly answer: T;
}

/** No answer in this time is none: a page is not kept waiting by one process. */
const patienceMs = 800;
/** Those who look at the same moment share one look. */
const freshMs = 500;
/** One that does not answer is remembered, and asked, for so long. */
const rememberedMs = 15 * 60_000;
/** Processes that are kept in mind at once; each costs about as much as its report, a few ten kilobytes. */
const processesMax = 500;

interface Kept {
  readonly address: string;
  readonly place: string;
  readonly clients: ProcessClients;
  isListed: boolean;
  report: ProcessReport | undefined;
  /** When it was first missed; undefined while it answers. */
  silentSinceMs: number | undefined;
  restartsAtMs: number[];
}

/**
 * Asks every replica of every service, all at once. Nobody is asked until somebody looks. A process that was there and is silent is
 * told of for fifteen minutes; those who look at once share a look that is at most half a second old.
 */
export class ShopProcesses {
  readonly #options: ShopProcessesOptions;
  readonly #addresses: Addresses;
  readonly #kept = new Map<string, Kept>();
  /** When nobody was found at a place first. */
  readonly #emptySinceMs = new Map<string, number>();
  #look: { readonly atMs: number; readonly seen: Promise<readonly SeenProcess[]> } | undefined;

  constructor(options: ShopProcessesOptions) {
    this.#options = options;
    this.#addresses = new Addresses(options.clock);
  }

  /** Every process, the one that asks first. Answers within a second and a half, whoever hangs. */
  async look(): Promise<readonly SeenProcess[]> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#look && nowMs - this.#look.atMs < freshMs) return await this.#look.seen;
    const look = { atMs: nowMs, seen: this.#see() };
    this.#look = look;
    return await look.seen;
  }

  /** Asks all that answered last time; whoever does not answer now is left out. */
  async ask<T>(question: (client: Client<typeof ProcessService>) => Promise<T>): Promise<Answered<T>[]> {
    await this.look();
    const { self } = this.#options;
    const others = [...this.#kept.values()].filter(({ silentSinceMs }) => silentSinceMs === undefined);
    const asked = [
      { address: here, place: here, client: self.process },
      ...others.map(({ address, place, clients }) => ({ address, place, client: clients.process })),
    ].map(async ({ address, place, client }) => {
      const answer = await question(client).catch(() => undefined);
      return answer === undefined ? [] : [{ address, place, answer }];
    });
    return (await Promise.all(asked)).flat();
  }

  /** For questions to a service with a database: in this process, or any of its replicas that answers; undefined where none does. */
  async operationsOf(service: string): Promise<Client<typeof OperationsService> | undefined> {
    const own = this.#options.self.operations(service);
    if (own) return own;
    await this.look();
    // Where several services share a process, it answers for none of them: that process asks itself.
    const one = [...this.#kept.values()].find(
      ({ report, silentSinceMs }) =>
        silentSinceMs === undefined &&
        report?.services.length === 1 &&
        report.services[0]?.service === service,
    );
    return one?.clients.operations;
  }

  close(): void {
    for (const { clients } of this.#kept.values()) clients.close();
    this.#kept.clear();
  }

  async #see(): Promise<readonly SeenProcess[]> {
    const { self, places } = this.#options;
    const own = askReport(self.process);
    await Promise.all(places.map(async (place) => await this.#list(place)));
    await Promise.all([...this.#kept.values()].map(async (kept) => await this.#ask(kept)));
    this.#forget();
    const report = await own;
    const here = { ...ownPlace, report, silentForMs: 0 };
    const ids = new Set([report?.process?.id]);
    const nowMs = this.#options.clock.monotonicMs();
    const others = [...this.#kept.values()].flatMap((kept): SeenProcess[] => {
      const { address, place, isListed, silentSinceMs } = kept;
      const id = kept.report?.process?.id;
      // One process may be found under several names, this one too.
      if (silentSinceMs === undefined && id !== undefined && ids.has(id)) return [];
      ids.add(id);
      const silentForMs = silentSinceMs === undefined ? 0 : Math.max(1, nowMs - silentSinceMs);
      const restarts = kept.restartsAtMs.length;
      return [{ address, place, isListed, report: kept.report, silentForMs, restarts }];
    });
    return [here, ...others, ...this.#empty(nowMs)];
  }

  /** Places where nobody was found, and nobody was before. */
  #empty(nowMs: number): SeenProcess[] {
    const { places } = this.#options;
    return [...this.#emptySinceMs].flatMap(([key, sinceMs]) => {
      const place = places.find((one) => keyOf(one) === key);
      if (!place) return [];
      const silentForMs = Math.max(1, nowMs - sinceMs);
      const address = `${place.host}:${place.port}`;
      return [{ address, place: place.name, isListed: true, report: undefined, silentForMs, restarts: 0 }];
    });
  }

  async #list(place: Place): Promise<void> {
    const addresses = await this.#addresses.of(place);
    const nowMs = this.#options.clock.monotonicMs();
    for (const kept of this.#kept.values())
      if (kept.place === place.name) kept.isListed = addresses.includes(kept.address);
    for (const address of addresses) {
      if (this.#kept.has(address) || this.#kept.size >= processesMax) continue;
      const clients = this.#options.open(address, place.host);
      this.#kept.set(address, {
        address,
        place: place.name,
        clients,
        isListed: true,
        report: undefined,
        silentSinceMs: undefined,
        restartsAtMs: [],
      });
    }
    const key = keyOf(place);
    if (addresses.length > 0) this.#emptySinceMs.delete(key);
    else if (!this.#emptySinceMs.has(key)) this.#emptySinceMs.set(key, nowMs);
  }

  async #ask(kept: Kept): Promise<void> {
    const askedAtMs = this.#options.clock.monotonicMs();
    const report = await askReport(kept.clients.process);
    if (!report) {
      kept.silentSinceMs ??= askedAtMs;
      return;
    }
    const before = kept.report?.process?.id;
    kept.restartsAtMs = kept.restartsAtMs.filter((atMs) => askedAtMs - atMs < 10 * 60_000);
    if (before !== undefined && before !== report.process?.id) kept.restartsAtMs.push(askedAtMs);
    kept.report = report;
    kept.silentSinceMs = undefined;
  }

  #forget(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const kept of this.#kept.values()) {
      const isLong = kept.silentSinceMs !== undefined && nowMs - kept.silentSinceMs > rememberedMs;
      // What the list still names is asked for ever.
      const isStranger = !kept.isListed && kept.silentSinceMs !== undefined && !kept.report;
      if ((!isLong || kept.isListed) && !isStranger) continue;
      kept.clients.close();
      this.#kept.delete(kept.address);
    }
  }
}

const here = "here";
const ownPlace = { address: here, place: here, isListed: true, restarts: 0 } as const;

const keyOf = ({ name, host, port }: Place) => `${name} ${host}:${port}`;

async function askReport(client: Client<typeof ProcessService>): Promise<ProcessReport | undefined> {
  return await client.getReport({}, { timeoutMs: patienceMs }).catch(() => undefined);
}
