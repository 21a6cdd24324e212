// A running program: services, listeners, readiness and the drain.
import { readConfig, type ConfigOf, type Environment } from "./config.ts";
import { addressOf, originOfAddress } from "./addresses.ts";
import { allowFaults, Faults } from "./faults.ts";
import { openFlags } from "./flags.ts";
import {
  addOperationsRoutes,
  answerUnknownPaths,
  createHttpServer,
  drain,
  listen,
  type HttpApp,
} from "#platform/http/server.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Clock } from "./clock.ts";
import type { DatabaseHome } from "#platform/database/database-home.ts";
import { openGrpcServer, type GrpcListener } from "#platform/rpc/grpc-server.ts";
import { openGrpcTls, type GrpcTls } from "#platform/rpc/grpc-tls.ts";
import type { HeldPort } from "#platform/http/held-port.ts";
import type { SharedStore } from "#platform/redis/replica-store.ts";
import type { HttpTls } from "#platform/http/http-tls.ts";
import { answersForeign, ForeignLimits, isForeign } from "#platform/rpc/foreign-contract.ts";
import { shareWithGrpc } from "#platform/rpc/port-for-both.ts";
import type { LocalPeer } from "#platform/rpc/local.ts";
import { hearsOf } from "./hearing.ts";
import { Opening } from "./opening.ts";
import { speaksHttp, type AnyService, type Told } from "./service.ts";
import { openServices, type RunningServices } from "./run.ts";
import {
  loadExtensions,
  loadForeign,
  loadServices,
  originOf,
  readFacts,
  withFacts,
  type ShopFile,
} from "./shop-file.ts";
import { newRandomId } from "./ids.ts";
import type { PlatformConfig } from "./settings.ts";
import { StartError } from "./start-error.ts";
import { requireGoing } from "./stopped.ts";
import { setSlowMs, setSpanSink } from "#platform/telemetry/trace.ts";
import { tracesUrl } from "#platform/telemetry/tracing-config.ts";
import { isHttpEncrypted, saysHttpTls } from "#platform/tls/tls-settings.ts";

export interface ShopOptions {
  readonly file: ShopFile;
  /** Names of the services that run in this process; absent means all of the shop file. */
  readonly only?: readonly string[];
  readonly environment: Environment;
  readonly config: ConfigOf<typeof PlatformConfig>;
  readonly home: DatabaseHome;
  readonly isEmbedded: boolean;
  readonly serviceKey: string;
  readonly host: string;
  /** Public HTTP port; undefined when no service of this process speaks HTTP. */
  readonly httpPort: number | undefined;
  /** Port of /health, /ready and /metrics when they do not share the public one. */
  readonly operationsPort: number | undefined;
  readonly grpcPort: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** The ports, where they are held already: each is given to its listener. */
  readonly held?: { readonly http: HeldPort; readonly grpc: HeldPort } | undefined;
  /** Ends the opening between two of its steps. */
  readonly stop?: AbortSignal | undefined;
  readonly onStep?: (sentence: string) => void;
}

export interface Shop {
  readonly running: RunningServices;
  readonly httpPort: number | undefined;
  readonly operationsPort: number | undefined;
  readonly grpcPort: number;
  /** What whoever started the shop needs to know of its first data. */
  readonly told: readonly Told[];
  /** Readiness false, drain, close; in this order, within the configured time. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens everything. Until the first data is there and the first page is whole, nobody outside is let in: ports are closed, or answer
 * that the shop is opening; the operations port answers /health at once and /ready at the end. Throws a StoppedError when `stop` aborts.
 */
export async function openShop(options: ShopOptions): Promise<Shop> {
  const state: ShopState = { isReady: false, isDraining: false, httpPort: 0 };
  const closers: (() => Promise<void>)[] = [];
  const graceMs = options.config.DRAIN_SECONDS * 1000;
  const close = once(async () => {
    state.isReady = false;
    state.isDraining = true;
    for (const closer of closers.reverse()) {
      // What cannot close must not keep the rest open.
      await closer().catch((error: unknown) => options.log.error({ err: error }, "Closing failed in part."));
    }
  });
  try {
    closers.push(() => {
      state.grpcTls?.close();
      state.httpTls?.close();
      state.faults?.close();
      return Promise.resolve();
    });
    state.grpcTls = openGrpcTls({ settings: options.config, clock: options.clock, log: options.log });
    closers.push(await openTracing(options));
    closers.push(await openShared(options, state));
    const operations = await openOperations(options, state);
    const { app } = operations ?? {};
    if (app) closers.push(() => drain(app, graceMs));
    const running = await openRunning(options, state);
    closers.push(() => running.close());
    const told = await running.seed();
    requireGoing(options.stop);
    state.running = running;
    const grpc = await openGrpc(options, running, state);
    const listeners = [() => grpc.close(graceMs)];
    closers.push(async () => void (await Promise.all(listeners.map((end) => end()))));
    if (operations) shareWithGrpc(operations.app.server, grpc);
    const http = await openHttp(options, running, state);
    if (http) listeners.push(() => drain(http.app, graceMs));
    running.startWork();
    running.watch.onLook(() => grpc.refreshHealth());
    if (http) await openToAll(http, running, options);
    grpc.setServing(true);
    state.isReady = true;
    closers.push(async () => {
      grpc.setServing(false);
      await options.clock.sleep(options.config.DRAIN_DELAY_SECONDS * 1000);
    });
    const ports = { httpPort: http?.port, operationsPort: operations?.port, grpcPort: grpc.port };
    return { running, ...ports, told, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Sends spans when a collector is configured; returns how to end that. The SDK is loaded only then. */
async function openTracing({ config, clock, log }: ShopOptions): Promise<() => Promise<void>> {
  setSlowMs(config.TRACE_SLOW_MS);
  if (tracesUrl(config) === undefined) return () => Promise.resolve();
  const { OpenTelemetry } = await import("#platform/telemetry/open-telemetry.ts");
  const telemetry = new OpenTelemetry({ config, clock, log });
  setSpanSink(telemetry);
  return async () => {
    setSpanSink(undefined);
    await telemetry.close();
  };
}

/** Faults on purpose, where they are allowed; what they are made of is loaded only then. */
async function openFaults(
  { config, clock, log }: ShopOptions,
  services: readonly AnyService[],
): Promise<Faults | undefined> {
  allowFaults(config.FAULT_INJECTION === "allowed");
  if (config.FAULT_INJECTION !== "allowed") return undefined;
  const { reasons } = await import("#gen/fault-places.ts");
  return new Faults({ services: services.map(({ name }) => name), reasons, clock, log });
}

/** What replicas share, where a Redis is named for it; returns how to end that. */
async function openShared(
  { config, clock, log }: ShopOptions,
  state: ShopState,
): Promise<() => Promise<void>> {
  const { REDIS_URL: url, REDIS_CA_FILE: caFile, REDIS_POOL_MAX: connections } = config;
  if (!url) return () => Promise.resolve();
  const { openSharedStore } = await import("#platform/redis/replica-store.ts");
  const shared = await openSharedStore({ url, caFile, connections, clock, log });
  state.shared = shared;
  return async () => await shared.close();
}

interface ShopState {
  running?: RunningServices;
  isReady: boolean;
  isDraining: boolean;
  httpPort: number;
  grpcTls?: GrpcTls | undefined;
  httpTls?: HttpTls | undefined;
  shared?: SharedStore | undefined;
  faults?: Faults | undefined;
}

/** What cannot be encrypted as it should be, is not opened. What is not encrypted costs nothing. */
async function openHttpEncryption(
  options: ShopOptions,
  services: readonly AnyService[],
): Promise<HttpTls | undefined> {
  const { file, environment, config: settings, host, clock, log } = options;
  if (!saysHttpTls(settings) || !services.some(speaksHttp)) return undefined;
  const { openHttpTls } = await import("#platform/http/http-tls.ts");
  const { url } = readFacts(file, environment, () => originOf(host, settings.PORT));
  return openHttpTls({ settings, host, url, clock, log });
}

async function openRunning(options: ShopOptions, state: ShopState): Promise<RunningServices> {
  const { file, only, config, isEmbedded, serviceKey, environment, clock, log } = options;
  const opened: { running?: RunningServices } = {};
  const services = await loadServices(file, (name) => only?.includes(name) ?? true);
  state.faults = await openFaults(options, services);
  const flags = await openFlags(`stoa-${newRandomId()}`, {
    defaults: readConfig(file.flags, environment) as { readonly [name: string]: boolean },
    file: config.FLAGS_FILE,
    clock,
    log,
    onHeard: (switches) => state.faults?.hear(switches),
  });
  const isHere = services.some(({ name }) => name === "gateway");
  const elsewhere = isHere ? undefined : restAddress(file, environment);
  state.httpTls = await openHttpEncryption(options, services);
  const { grpcTls, httpTls } = state;
  const isEncrypted = isHttpEncrypted(config);
  const facts = readFacts(file, environment, () =>
    originOf(options.host, state.httpPort || config.PORT, isEncrypted),
  );
  const shop = withFacts(facts, {
    isEmbedded,
    serviceKey,
    rateLimits: config.RATE_LIMIT === "on",
    apiUrl: () => elsewhere ?? originOf("127.0.0.1", state.httpPort, isEncrypted),
    httpTls,
    health: async () => (await opened.running?.health()) ?? [],
  });
  opened.running = await openServices({
    ...options,
    services,
    order: file.services.map(({ name }) => name),
    hears: hearsOf(file.services),
    issuer: file.issuer,
    addressAliases: file.addressAliases,
    foreign: await loadForeign(file, environment),
    extensions: await loadExtensions(
      file,
      services.map(({ name }) => name),
    ),
    shop,
    // A shop in one process has its own PostgreSQL, or tells at once what is wrong with another.
    waitsForDatabases: !isEmbedded,
    grpcTls,
    flags,
    shared: state.shared,
  });
  return opened.running;
}

/** Where the REST API answers, when that is another process: GATEWAY_URL, or another of its names. */
export function restAddress({ addressAliases }: ShopFile, environment: Environment): string | undefined {
  const address = addressOf("gateway", environment, addressAliases["gateway"]);
  return address === undefined ? undefined : originOfAddress(address);
}

interface OpenOperations {
  readonly app: HttpApp;
  readonly port: number;
}

interface OpenHttp extends OpenOperations {
  readonly opening: Opening;
}

/** Lets people in when the page they come to first is whole; where it cannot be whole, they are not kept waiting for ever. */
async function openToAll(
  { app, opening }: OpenHttp,
  { services }: RunningServices,
  { log, stop = new AbortController().signal }: ShopOptions,
): Promise<void> {
  for (const { name, definition } of services) {
    const url = definition.http?.firstPage;
    if (url === undefined) continue;
    const isWhole = await opening.makeWhole(app, url, stop);
    requireGoing(stop);
    if (!isWhole)
      log.warn({ service: name }, "The shop opens although a part of its first page is not there.");
  }
  opening.open();
}

async function openHttp(
  options: ShopOptions,
  running: RunningServices,
  state: ShopState,
): Promise<OpenHttp | undefined> {
  const { httpPort, host, log, isEmbedded } = options;
  const mounts = running.services.flatMap(({ parts }) => parts.http ?? []);
  if (httpPort === undefined || mounts.length === 0) return undefined;
  const answering = running.services.find(({ parts }) => parts.http !== undefined);
  const service = isEmbedded ? "shop" : (answering?.name ?? "shop");
  if (isHttpEncrypted(options.config) && !state.httpTls)
    throw new StartError(
      `The ${service} service answers HTTP, but its definition names no ports for it (http), so that it would not be encrypted as HTTP_TLS demands.`,
    );
  const opening = new Opening({
    services: running.services.map(({ name }) => name),
    serviceKey: options.serviceKey,
    clock: options.clock,
  });
  const app = createHttpServer({
    service,
    log,
    isDraining: () => state.isDraining,
    opening,
    probedAt: running.services.find(({ definition }) => definition.http?.firstPage)?.definition.http
      ?.firstPage,
    tls: state.httpTls,
    serviceKey: options.serviceKey,
  });
  addOperationsRoutes(app, { ...readinessOf(state), metrics: isEmbedded ? "loopback" : "off" });
  for (const mount of mounts) await mount(app);
  answerUnknownPaths(app);
  options.held?.http.release();
  const port = await listen(app, host, httpPort);
  state.httpPort = port;
  return { app, port, opening };
}

async function openOperations(options: ShopOptions, state: ShopState): Promise<OpenOperations | undefined> {
  if (options.operationsPort === undefined) return undefined;
  const app = createHttpServer({ service: "operations", log: options.log });
  addOperationsRoutes(app, { ...readinessOf(state), metrics: "open" });
  answerUnknownPaths(app);
  return { app, port: await listen(app, options.host, options.operationsPort, "HTTP_PORT") };
}

function readinessOf(state: ShopState) {
  return {
    isReady: () => state.isReady,
    health: () => state.running?.watch.readiness() ?? { isServing: false, services: [] },
  };
}

async function openGrpc(
  options: ShopOptions,
  running: RunningServices,
  { grpcTls: tls, shared }: ShopState,
): Promise<GrpcListener> {
  const { host, grpcPort: port, serviceKey, clock, isEmbedded, config } = options;
  const withForeign = answersForeign(config, isEmbedded);
  // Services of one process reach each other in it; several would answer the same internal contracts on one port.
  const isAlone = !isEmbedded && running.services.length === 1;
  // Whoever has the whole shop in one process has nobody to tell.
  const own = isEmbedded ? [] : [running.process];
  const answered = running.services.flatMap(({ parts, peers }) => {
    const internal = new Set(parts.internalRpc ?? []);
    const isPublic = ({ bound }: LocalPeer) => isAlone || !internal.has(bound);
    return peers.filter((peer) => isPublic(peer) && (withForeign || !isForeign(peer.bound.descriptor)));
  });
  const limits = config.RATE_LIMIT === "on" ? new ForeignLimits(config, clock, shared) : undefined;
  options.held?.grpc.release();
  const health = (service: string | undefined) => {
    const { isServing, services: all } = running.watch.readiness(service);
    return { isServing, lacks: [...new Set(all.flatMap(({ lacks }) => lacks))] };
  };
  const connectionAgeMs = config.GRPC_CONNECTION_AGE_SECONDS * 1000;
  const services = [...answered, ...own];
  const common = { host, port, services, serviceKey, connectionAgeMs };
  return await openGrpcServer({ ...common, clock, limits, tls, health });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
