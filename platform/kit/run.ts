// Runs services: all of them in one process, or some of them with the others elsewhere. Which one is configuration.
import type { DescService } from "@bufbuild/protobuf";
import { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { OperationsService } from "#gen/stoa/platform/v1/operations_pb.js";
import { OwnProcess } from "#platform/operations/own-process.ts";
import type { Place } from "#platform/operations/places.ts";
import { FactsService } from "#gen/stoa/platform/v1/facts_pb.js";
import { noteDenials } from "#platform/activity/aside.ts";
import { MachineKey } from "#platform/auth/machine-key.ts";
import { guestKeyOf } from "#platform/auth/guest-key.ts";
import { TokenVerifier } from "#platform/auth/token.ts";
import { holdToCurrency, requireAgreement, type Neighbour } from "./agreement.ts";
import type { Clock } from "./clock.ts";
import { readConfig, type ConfigOf, type Environment } from "./config.ts";
import { migrationsOf, type DatabaseHome } from "#platform/database/database-home.ts";
import type { Database } from "#platform/database/db.ts";
import type { ExtensionDefinition } from "./extension.ts";
import { checkContracts, extensionKit } from "./extension-kit.ts";
import { switchesClient, trustClient, type Reach } from "./issuer.ts";
import { faultsInForce } from "./faults.ts";
import { hearSwitches } from "./flag-hearing.ts";
import type { Flags } from "./flags.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { SharedStore } from "#platform/redis/replica-store.ts";
import type { Outbox } from "#platform/database/outbox.ts";
import { Tasks } from "#platform/database/tasks.ts";
import { runBackground, watchProcess } from "./background.ts";
import { whenThere } from "#platform/database/awaited.ts";
import { openDatabases, patienceOf } from "./open-databases.ts";
import { openOutbox } from "./open-outbox.ts";
import { checkTopics, type Hears } from "./hearing.ts";
import type { BoundService, Client } from "#platform/rpc/contract.ts";
import { Dispatcher } from "#platform/rpc/dispatcher.ts";
import { openHealthProbe } from "#platform/rpc/grpc-health.ts";
import { HealthWatch } from "./health.ts";
import type { GrpcTls } from "#platform/rpc/grpc-tls.ts";
import type { NeighbourState } from "#platform/rpc/neighbour.ts";
import { createLocalClient, type LocalPeer, type SimulatedNetwork } from "#platform/rpc/local.ts";
import type {
  AnyService,
  Kit,
  ServiceDefinition,
  ServiceHealth,
  ServiceParts,
  ShopFacts,
  Told,
} from "./service.ts";
import type { PlatformConfig } from "./settings.ts";
import { deaf, type ForeignNeighbour } from "./foreign-neighbour.ts";
import { ownRpcs, requiredDatabase } from "./own-rpcs.ts";
import { RemoteServices } from "./remote-services.ts";
import { requireGoing } from "./stopped.ts";
import { checkOrder, checkPatience, needsOf } from "./needs.ts";
import { TrustCache } from "#platform/auth/trust.ts";

export interface RunOptions {
  /** The services of this process, in the order of the list. */
  readonly services: readonly AnyService[];
  /** Names of all services of the shop, in the order of the list. */
  readonly order: readonly string[];
  /** Topics that the services of the list hear. Absent for services by themselves: they then hear what is sent to them. */
  readonly hears?: Hears | undefined;
  /** The service that issues tokens; without one, no token is believed. */
  readonly issuer?: string | undefined;
  /** Further names of settings under which a service's address may stand. */
  readonly addressAliases?: { readonly [service: string]: readonly string[] };
  /** Neighbours that are somebody else's, in place of ours, by name. */
  readonly foreign?: ReadonlyMap<string, ForeignNeighbour> | undefined;
  /** What extends the services of this process. */
  readonly extensions?: readonly ExtensionDefinition[];
  readonly environment: Environment;
  readonly config: ConfigOf<typeof PlatformConfig>;
  readonly home: DatabaseHome;
  readonly shop: ShopFacts;
  /** How services in other processes are called; undefined for plaintext. */
  readonly grpcTls?: GrpcTls | undefined;
  readonly flags: Flags;
  /** What replicas share. */
  readonly shared?: SharedStore | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Stands between the services of this process; for simulations only. */
  readonly network?: SimulatedNetwork | undefined;
  /** Whether databases that are not there yet are waited for: where services come up in any order. */
  readonly waitsForDatabases?: boolean | undefined;
  /** Ends the opening between two of its steps. */
  readonly stop?: AbortSignal | undefined;
  /** Told as each step is done, for progress. */
  readonly onStep?: (sentence: string) => void;
}

/** A service that is open. */
export interface OpenService {
  readonly name: string;
  readonly definition: AnyService;
  readonly parts: ServiceParts;
  readonly peers: readonly LocalPeer[];
  readonly db: Database | undefined;
  readonly tasks: Tasks;
  readonly outbox: Outbox;
}

/** Services that are open and can be reached by each other; their jobs run after `startWork`. */
export interface RunningServices {
  readonly services: readonly OpenService[];
  /** A client of any contract, as `caller`: in this process if the service is here, else over gRPC. */
  client<S extends DescService>(descriptor: S, service: string, caller: string): Client<S>;
  /** What this process answers of itself as a whole. */
  readonly process: LocalPeer;
  /** How the ways to services elsewhere are, for each caller here and each of its neighbours. */
  neighbours(): readonly NeighbourState[];
  /** State of every service here, and of every one elsewhere that those here call; within a second, whatever hangs. */
  health(): Promise<ServiceHealth[]>;
  /** Looks at the services of this process once a second after `startWork`, and tells whether they can serve. */
  readonly watch: HealthWatch;
  /** Tells what whoever started the shop needs to know of it. */
  seed(): Promise<Told[]>;
  /** Throws a StartError when a service that hears events of these has no address. */
  startWork(): void;
  /** Stops jobs and relays, then closes services and databases in reverse order. */
  close(): Promise<void>;
}

/** Opens services in list order. Throws a StartError for a wrong order, a missing address or bad settings. */
export async function openServices(options: RunOptions): Promise<RunningServices> {
  checkOrder(options);
  checkPatience(options);
  checkTopics(options.services, options.order, options.hears ?? {});
  const runner = new Runner(options);
  try {
    await runner.open();
  } catch (error) {
    await runner.close();
    throw error;
  }
  return runner;
}

/** Requests have had their time by then; a program that is told to end does so within fifteen seconds. */
const jobsEndMs = 3_000;

class Runner implements RunningServices {
  readonly services: OpenService[] = [];
  readonly #options: RunOptions;
  readonly #peers = new Map<string, LocalPeer>();
  readonly #stop = new AbortController();
  readonly #listeners: (() => unknown)[] = [];
  readonly #remote: RemoteServices;
  readonly #own: OwnProcess;
  readonly watch: HealthWatch;
  readonly #databases = new Map<string, Database>();
  readonly #work: Promise<void>[] = [];
  #trust: { readonly cache: TrustCache; readonly verifier: TokenVerifier } | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#remote = new RemoteServices(options);
    this.watch = new HealthWatch({ clock: options.clock, breakers: () => this.neighbours() });
    this.#own = new OwnProcess({
      ...options,
      verifier: () => this.#trusting(options.services[0]?.name ?? "process").verifier,
      health: () => this.health(),
      neighbours: () => this.neighbours(),
      faults: () => faultsInForce()?.tell() ?? [],
      operations: (service, caller) => this.client(OperationsService, service, caller),
    });
  }

  async open(): Promise<void> {
    const { services, onStep, shop } = this.#options;
    await openDatabases(this.#options, this.#databases);
    const patience = patienceOf(this.#options);
    await whenThere(patience, async () => await holdToCurrency(this.#databases, shop.currency));
    for (const definition of services) {
      requireGoing(this.#options.stop);
      await this.#openService(definition);
      onStep?.(`${definition.name} is open.`);
    }
    await requireAgreement(this.#neighbours(), shop.currency);
  }

  client<S extends DescService>(descriptor: S, service: string, caller: string): Client<S> {
    return this.#client(descriptor, service, caller, true);
  }

  get process(): LocalPeer {
    return this.#own.peer;
  }

  neighbours(): NeighbourState[] {
    return this.#remote.states();
  }

  #client<S extends DescService>(
    descriptor: S,
    service: string,
    caller: string,
    isGuarded: boolean,
  ): Client<S> {
    const { services, clock, network, grpcTls } = this.#options;
    const patienceMs = services.find(({ name }) => name === caller)?.patience?.[service];
    const foreign = this.#options.foreign?.get(service);
    if (!foreign && services.some(({ name }) => name === service)) {
      const peer = () => this.#peer(service, descriptor);
      return createLocalClient(descriptor, { caller, clock, peer, network, patienceMs });
    }
    const route = { caller, service, patienceMs, isGuarded };
    const client = foreign
      ? (this.#remote.translated(foreign, route, this.#databases.get(caller)) as Client<S>)
      : this.#remote.client(descriptor, route);
    this.watch.addNeighbour(service, () =>
      openHealthProbe(this.#remote.urlOf(service, caller), clock, grpcTls),
    );
    return client;
  }

  async health(): Promise<ServiceHealth[]> {
    return await this.watch.states();
  }

  async seed(): Promise<Told[]> {
    const told: Told[] = [];
    for (const { name, parts } of this.services) {
      if (!parts.seed) continue;
      requireGoing(this.#options.stop);
      told.push(...((await parts.seed()) ?? []));
      this.#options.onStep?.(`${name} has its first data.`);
    }
    return told;
  }

  startWork(): void {
    for (const reach of this.#listeners) reach();
    const { issuer, services } = this.#options;
    if (issuer !== undefined && services.some(({ verifiesTokens }) => verifiesTokens !== false))
      this.#trust?.cache.start();
    const { clock, log, config } = this.#options;
    const { signal } = this.#stop;
    this.watch.start(signal);
    this.#work.push(watchProcess(config.STOA_DATA, { clock, log }, signal));
    const reachAs = (caller: string) => this.#reachAs(caller);
    this.#work.push(hearSwitches({ ...this.#options, reachAs }, signal));
    for (const { name, parts, db, tasks, outbox } of this.services) {
      const child = log.child({ service: name });
      const own = { service: name, parts, db, tasks, outbox, clock, log: child, config };
      this.#work.push(runBackground(own, signal));
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#trust?.cache.close();
    await this.#endOfWork();
    for (const { name, parts, outbox } of [...this.services].reverse()) {
      // One that cannot close must not keep the others open.
      await Promise.all([parts.close?.(), outbox.close()]).catch((error: unknown) =>
        this.#options.log.error(
          { err: error, service: name },
          "A service failed to close; the others go on.",
        ),
      );
    }
    this.#remote.close();
    this.#own.close();
    this.watch.close();
    await Promise.allSettled([...this.#databases.values()].map((db) => db.close()));
  }

  /** Jobs stop soon after they are told to; one that does not is left behind: what it does can be done again. */
  async #endOfWork(): Promise<void> {
    const { clock, config, log } = this.#options;
    const late = Promise.withResolvers<void>();
    const timer = clock.after(Math.min(config.DRAIN_SECONDS * 1000, jobsEndMs), () => {
      log.warn("A background job did not stop in time; the process ends without it.");
      late.resolve();
    });
    await Promise.race([Promise.allSettled(this.#work), late.promise]);
    timer.stop();
  }

  async #openService(definition: AnyService): Promise<void> {
    const { name } = definition;
    const { environment, clock, log: rootLog, flags, shop, extensions = [] } = this.#options;
    const dataFolder = this.#options.config.STOA_DATA;
    const log = rootLog.child({ service: name });
    const db = this.#databases.get(name);
    const { verifier } = this.#trusting(name);
    const outbox = await this.#outbox(definition, db, log);
    const tasks = new Tasks(name);
    const clients = Object.fromEntries(
      Object.entries(needsOf(definition, extensions)).map(([service, descriptor]) => [
        service,
        this.client(descriptor, service, name),
      ]),
    );
    const kit = {
      name,
      config: readConfig(definition.config, environment),
      clients,
      outbox,
      tasks,
      flags,
      switches: switchesClient(this.#options.issuer, this.#reachAs(name)),
      verifier,
      shared: this.#options.shared,
      clock,
      log,
      shop,
      openGuard: (neighbour: string, knock: (timeoutMs: number) => Promise<boolean>) =>
        shop.isEmbedded ? undefined : this.#remote.openGuard(name, neighbour, knock),
      watchShop: (places: readonly Place[]) => this.#own.watch(name, places),
      get db() {
        return requiredDatabase(db, name);
      },
    };
    const openings = { definition, extensions, environment, kit, dataFolder };
    const parts = await (definition as ServiceDefinition).create(
      Object.assign(kit, extensionKit(openings)) as unknown as Kit<never, never>,
    );
    checkContracts(definition, parts);
    tasks.declare(parts.tasks ?? []);
    const { machines } = definition;
    const { hears } = this.#options;
    const { currency } = shop;
    const refused = db && noteDenials(db, clock, log);
    const dispatcher = new Dispatcher({ service: name, clock, log, verifier, currency, machines, refused });
    const own = ownRpcs({ name, parts, db, hears, currency, clock, log });
    const internalRpc = [...(parts.internalRpc ?? []), ...own];
    const peers = [...(parts.rpc ?? []), ...internalRpc].map((bound) => ({ bound, dispatcher }));
    for (const peer of peers) this.#peers.set(peerKey(name, peer.bound), peer);
    const migrations = db ? await migrationsOf(definition) : [];
    this.watch.add({ name, db, migrations, checks: parts.checks ?? [] });
    const whole = { ...parts, internalRpc };
    this.services.push({ name, definition, parts: whole, peers, db, tasks, outbox });
  }

  /** Services elsewhere that those here call. */
  #neighbours(): Neighbour[] {
    const { services, extensions = [] } = this.#options;
    const here = new Set(services.map(({ name }) => name));
    return services.flatMap((definition) =>
      Object.keys(needsOf(definition, extensions))
        .filter((service) => !here.has(service) && !this.#options.foreign?.has(service))
        .map((service) => {
          const { name: caller } = definition;
          return { caller, service, client: this.#client(FactsService, service, caller, false) };
        }),
    );
  }

  /** One for all services of this process, asked in the name of the first: what one has verified, the others need not. */
  #trusting(caller: string) {
    if (this.#trust) return this.#trust;
    const { clock, log, shop, issuer } = this.#options;
    const cache = new TrustCache(trustClient(issuer, this.#reachAs(caller)), clock, log);
    const { serviceKey } = shop;
    const keys = [guestKeyOf(serviceKey), new MachineKey(serviceKey)] as const;
    return (this.#trust = { cache, verifier: new TokenVerifier(clock, cache, ...keys) });
  }

  #reachAs(caller: string): Reach {
    return (descriptor, service) => this.client(descriptor, service, caller);
  }

  /** Commands open a service without its listeners; who starts to work must be able to reach them. */
  #listener(listener: string, emitter: string): Client<typeof EventInboxService> {
    // What is somebody else's hears nothing: its contract has no ear.
    if (this.#options.foreign?.has(listener)) return deaf;
    let client: Client<typeof EventInboxService> | undefined;
    const reach = () => (client ??= this.#client(EventInboxService, listener, emitter, false));
    this.#listeners.push(reach);
    return { deliver: (request, call) => reach().deliver(request, call) };
  }

  async #outbox(definition: AnyService, db: Database | undefined, log: Logger): Promise<Outbox> {
    const { hears = {}, extensions = [], ...options } = this.#options;
    const { name } = definition;
    const inbox = (listener: string) => this.#listener(listener, name);
    return await openOutbox({ ...options, definition, db, log, hears, extensions, inbox });
  }

  #peer(service: string, descriptor: DescService): LocalPeer {
    const peer = this.#peers.get(`${service}/${descriptor.typeName}`);
    if (!peer)
      throw new Error(`The ${service} service does not answer ${descriptor.typeName}, or is not open yet.`);
    return peer;
  }
}

function peerKey(service: string, bound: BoundService): string {
  return `${service}/${bound.descriptor.typeName}`;
}
