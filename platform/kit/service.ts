// The door every service has. defineService registers nothing: it exists so that TypeScript can infer.
import type { MachineScopes } from "#platform/rpc/dispatcher.ts";
import type { DescMessage, DescService } from "@bufbuild/protobuf";
import type { FlagsService } from "#gen/stoa/platform/v1/flags_pb.js";
import type { TokenVerifier } from "#platform/auth/token.ts";
import type { Clock } from "./clock.ts";
import type { ConfigOf, Settings } from "./config.ts";
import type { Database } from "#platform/database/db.ts";
import type { Flags } from "./flags.ts";
import type { HttpTls } from "#platform/http/http-tls.ts";
import type { HttpApp } from "#platform/http/server.ts";
import type { EventHandler } from "#platform/database/events.ts";
import type { Job } from "#platform/database/jobs.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { SharedStore } from "#platform/redis/replica-store.ts";
import type { Outbox } from "#platform/database/outbox.ts";
import type { TaskDefinition, Tasks } from "#platform/database/tasks.ts";
import type { Place } from "#platform/operations/places.ts";
import type { ShopProcesses } from "#platform/operations/processes.ts";
import type { UnderWayStore } from "#platform/operations/under-way.ts";
import type { BoundService, Client } from "#platform/rpc/contract.ts";
import type { NeighbourGuard } from "#platform/rpc/neighbour.ts";
import type { ExtensionDefinition, Point, Port, PortEntry } from "./extension.ts";
import type { ForeignNeighbour } from "./foreign-neighbour.ts";

/** Contracts a service calls, by the name of the service that answers. */
export type Needs = { readonly [service: string]: DescService };

/** What a service is given when it opens: everything it may touch. */
export interface Kit<S extends Settings = {}, N extends Needs = {}> {
  readonly name: string;
  readonly config: ConfigOf<S>;
  readonly clients: { readonly [K in keyof N]: Client<N[K]> };
  /** The service's own database. Throws when the definition names none. */
  readonly db: Database;
  /** Tells others what happened. */
  readonly outbox: Outbox;
  /** The service's waiting work. */
  readonly tasks: Tasks;
  readonly flags: Flags;
  /** Switches flags for the whole shop, in an admin's name. */
  readonly switches: Client<typeof FlagsService>;
  readonly verifier: TokenVerifier;
  /** What replicas share, where REDIS_URL names something; nothing may depend on it. */
  readonly shared: SharedStore | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly shop: ShopFacts;
  /**
   * The guard of requests to a neighbour that is asked over HTTP; `knock` asks it for a sign of life and never rejects. Undefined where the
   * whole shop is one process: there is nothing in between that could fail.
   */
  readonly openGuard: (
    neighbour: string,
    knock: (timeoutMs: number) => Promise<boolean>,
  ) => NeighbourGuard | undefined;
  /** The processes of the whole shop, for a service that shows them to people; `places` says where those elsewhere are. */
  readonly watchShop: (places: readonly Place[]) => ShopProcesses;
  /** The implementation of one of the ports in the door that the port's setting names. Throws a StartError when there is none. */
  readonly provider: <Provider, Given>(port: Port<Provider, Given>, given: Given) => Promise<Provider>;
  /** What the extensions of the shop add at a point, in the order of the shop file. */
  readonly added: <T>(point: Point<T>) => readonly T[];
}

/** The facts of the shop, each with its one home in the shop file; the environment beats the file. */
export interface Facts {
  /** What the shop is called: SHOP_NAME. */
  readonly name: string;
  /** Scheme, host and port that people reach the shop at, without a slash at the end: SHOP_URL, else made from HOST and PORT. */
  readonly url: string;
  /** ISO 4217 code of the currency the shop keeps its prices in: SHOP_CURRENCY. */
  readonly currency: string;
  /** ISO 3166-1 code of the country the shop sells from: SHOP_COUNTRY. */
  readonly country: string;
  /** BCP 47 tag of the language of pages and mails: SHOP_LOCALE. */
  readonly locale: string;
  /** Where people write for help; empty when the shop names no address: SHOP_SUPPORT_EMAIL. */
  readonly supportEmail: string;
  /** Folder of the shop's own theme, if it has one; it goes before those that extensions bring. */
  readonly theme: URL | undefined;
}

/** What a service may know about the shop, and about the program it runs in. */
export interface ShopFacts extends Facts {
  /** The whole shop in one process on a laptop. */
  readonly isEmbedded: boolean;
  /** Where the REST API answers, for services that speak HTTP to it. Known once the listeners are open. */
  readonly apiUrl: () => string;
  /** How the shop's other HTTP services are reached over TLS; undefined when the settings say nothing of it. */
  readonly httpTls?: HttpTls | undefined;
  /** Key with which services prove their names, also over HTTP. */
  readonly serviceKey: string;
  readonly rateLimits: boolean;
  /** State of every service this process can see, for the aggregated health. */
  readonly health: () => Promise<ServiceHealth[]>;
}

/** How one service does, as this process last saw it. */
export interface ServiceHealth {
  readonly service: string;
  /** `degraded`: it answers, but has to do without something; `down`: it cannot serve, or does not answer. */
  readonly status: "up" | "degraded" | "down";
  /** Full sentences about what it has to do without; empty when it is up. */
  readonly lacks: readonly string[];
  /** When it was looked at, as `clock.monotonicMs` tells it. */
  readonly lookedAtMs: number;
  /** Whether this process still asks it: `open` means not for the moment. */
  readonly breaker: "closed" | "half-open" | "open";
}

/** Something a service cannot work without, or not as well, beside its database. */
export interface HealthCheck {
  /** What it is, as the end of a sentence: "the cart store". */
  readonly name: string;
  /** Answers within a second, else it is not well. A rejection means the same. Asked about once a second. */
  readonly isWell: () => Promise<boolean>;
  /** False: without it the service serves less well. Else it cannot serve, and is not ready. */
  readonly isNeeded?: boolean;
}

/** One thing that whoever started the shop needs to know. */
export interface Told {
  readonly name: string;
  readonly value: string;
}

/** What a service opens. */
export interface ServiceParts {
  readonly rpc?: readonly BoundService[];
  /** Contracts only other services of the shop call; never on the shop's public gRPC port. */
  readonly internalRpc?: readonly BoundService[];
  readonly http?: (app: HttpApp) => Promise<void> | void;
  /** What it does about the events it hears: one handler for each topic that the list of services names. */
  readonly inbox?: readonly EventHandler[];
  readonly jobs?: readonly Job[];
  /** Its waiting work, by name. */
  readonly tasks?: readonly TaskDefinition[];
  /**
   * Runs once, after the migrations of all services and before the shop is ready; must be safe to repeat. What it answers is told
   * to whoever started the shop, and nowhere kept: it may be a secret.
   */
  readonly seed?: () => Promise<readonly Told[] | void>;
  /** What it is in the middle of, oldest first, for people who watch: work that is begun and neither done nor given up. */
  readonly underWay?: UnderWayStore;
  /** What else must be well for it to be ready. A neighbour is never one of these: services would fall one after the other. */
  readonly checks?: readonly HealthCheck[];
  readonly close?: () => Promise<void>;
}

export interface ServiceDefinition<S extends Settings = Settings, N extends Needs = Needs> {
  readonly name: string;
  readonly config: S;
  /** Name of its database; absent for a service without one. */
  readonly database?: string;
  /** Folder of its numbered migrations. */
  readonly migrations?: URL;
  /** It reads some of what it answers by `db.reader()`: a replica of its database may be named for that. */
  readonly readsReplica?: boolean;
  /** Default gRPC port when it runs alone. */
  readonly grpcPort?: number;
  /** Default ports of a service that answers HTTP when it runs alone. */
  readonly http?: {
    readonly port: number;
    readonly operationsPort: number;
    /** The page people come to first: the process is open when this one is whole. */
    readonly firstPage?: string;
  };
  /** Every contract outside callers may use: what `rpc` of the parts answers. */
  readonly contracts?: readonly DescService[];
  /** Only services earlier in the list. */
  readonly needs: N;
  /**
   * The longest that one call of a neighbour may take in milliseconds, tries included, by the neighbour's name. Where it is silent: 2,000
   * for an RPC without side effects, 5,000 for any other. The deadline of the request above and a time limit of the call itself shorten it.
   */
  readonly patience?: { readonly [neighbour: string]: number };
  /** It shows people how all processes of the shop do: it opens the operations port of each of them (`Kit.watchShop`). */
  readonly watchesShop?: boolean;
  /** Services that it speaks HTTP to. */
  readonly reaches?: readonly string[];
  /** RPCs that a machine may call, by the scope of its key; absent where no machine has anything to do. */
  readonly machines?: MachineScopes;
  /** False for a service that never sees a token: it needs no keys and revocations of the issuer. */
  readonly verifiesTokens?: boolean;
  /** Throws a ConfigError for settings that could be read and must not be used; asked before anything is opened. */
  readonly requireUsable?: (config: ConfigOf<S>, program: { readonly isEmbedded: boolean }) => void;
  /** What may be answered by one of several implementations. */
  readonly ports?: readonly PortEntry[];
  /** The events it tells of, by their messages; whoever hears them is none of its business. */
  readonly emits?: readonly DescMessage[];
  readonly create: (kit: Kit<S, N>) => Promise<ServiceParts> | ServiceParts;
}

/** Declares a service. */
export function defineService<S extends Settings, N extends Needs>(
  definition: ServiceDefinition<S, N>,
): ServiceDefinition<S, N> {
  return definition;
}

/** Any definition, for the runner: every service fits, whatever its settings and needs. */
export interface AnyService extends Omit<ServiceDefinition, "create" | "requireUsable"> {
  readonly requireUsable?: (config: never, program: { readonly isEmbedded: boolean }) => void;
  readonly create: (kit: never) => Promise<ServiceParts> | ServiceParts;
}

/** Whether it listens for HTTP, or asks others over it. */
export function speaksHttp({ http, reaches = [] }: AnyService): boolean {
  return http !== undefined || reaches.length > 0;
}

/** One entry of the list of services: its name, and how to load it when it is wanted. */
export interface ServiceEntry {
  readonly name: string;
  readonly load: () => Promise<AnyService>;
  /** Topics of the events it hears, from whichever service; its emitters learn of it here, without loading it. */
  readonly hears?: readonly string[];
  /** How it is asked where it is somebody else's; absent where only ours can be. */
  readonly foreign?: () => Promise<ForeignNeighbour>;
  /** It takes requests from outside. While edges end, the services behind them still answer. */
  readonly isEdge?: boolean;
}

/** One entry of the list of extensions. */
export interface ExtensionEntry {
  readonly name: string;
  readonly load: () => Promise<ExtensionDefinition>;
  /** Services whose process loads it; absent means all. */
  readonly for?: readonly string[];
  /** Services that it brings; they stand in the list before the edges. */
  readonly services?: readonly ServiceEntry[];
}
