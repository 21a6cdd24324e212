// The whole constellation on one machine: an embedded PostgreSQL, one process for each service, one origin.
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig, type ConfigOf, type Environment } from "#platform/kit/config.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import type { DatabaseHome } from "#platform/database/database-home.ts";
import type { ReaderHome } from "#platform/database/reader-home.ts";
import { openGrpcFront } from "#platform/rpc/grpc-front.ts";
import { openGrpcTls, type GrpcTls } from "#platform/rpc/grpc-tls.ts";
import { createLogger, type Logger } from "#platform/telemetry/log.ts";
import { isHttpEncrypted, requireUsableGrpcTls, saysHttpTls } from "#platform/tls/tls-settings.ts";
import { answersForeign, ForeignLimits, isForeign } from "#platform/rpc/foreign-contract.ts";
import { isForeignNeighbour } from "#platform/kit/foreign-neighbour.ts";
import type { AnyService, Needs } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { originOf, readFacts, type ShopFile } from "#platform/kit/shop-file.ts";
import { requireGoing } from "#platform/kit/stopped.ts";
import { auditedServices } from "../audit/config.ts";
import { requireUsableSettings } from "./check-settings.ts";
import { closingBox } from "./closing-box.ts";
import type { CommandContext } from "./command.ts";
import { keptServiceKey } from "./kept-service-key.ts";
import { withPortsAndDatabases, type HeldPorts } from "./hold-ports.ts";
import type { OpenDatabases } from "./open-databases.ts";
import type { Paint } from "./paint.ts";
import { ServiceKeeper } from "./service-keeper.ts";
import { SplitLog } from "./split-log.ts";

interface Seat {
  readonly name: string;
  readonly definition: AnyService;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly operationsPort: number;
}

/** A process that has not ended this long after its time to drain is killed. */
const killAfterMs = 2_000;

/** What the parts of a launch share. */
interface Launch {
  readonly file: ShopFile;
  readonly config: ConfigOf<typeof PlatformConfig>;
  readonly environment: Environment;
  readonly seats: readonly Seat[];
  /** Where people reach the shop. */
  readonly publicPort: number;
  /** Operations port of the audit. */
  readonly auditPort: number;
  readonly held: HeldPorts;
  /** What the launcher and every process say. */
  readonly log: SplitLog;
  /** With which the processes of this launch prove who they are. */
  readonly serviceKey: string;
  readonly paint: Paint;
}

/** Runs until a signal; a service that dies is started again, as a cluster would. */
export async function serveSplit(context: CommandContext): Promise<void> {
  const { shop: file, environment: said, paint, stop } = context;
  // One terminal for all of them: lines for people, as few as the whole shop in one process says.
  const environment = { LOG_FORMAT: "pretty", LOG_LEVEL: "warn", ...said };
  const config = readConfig(PlatformConfig, environment);
  await requireUsableSettings(file, environment, { isEmbedded: false });
  const names = [...file.services.map(({ name }) => name), "audit"];
  const log = new SplitLog({ format: config.LOG_FORMAT, paint, names });
  const print = log.say;
  try {
    await prepareTls(file, config, environment, log);
    await withPortsAndDatabases({ config, environment, print, stop }, async (held, databases) => {
      await serveOn({ ...context, environment }, { config, held, databases, log });
    });
    print("Everything has ended.");
  } finally {
    await log.flush();
  }
}

interface Opened {
  readonly config: ConfigOf<typeof PlatformConfig>;
  readonly held: HeldPorts;
  readonly databases: OpenDatabases;
  readonly log: SplitLog;
}

async function serveOn(
  { shop: file, environment, paint, stop }: CommandContext,
  { config, held, databases, log }: Opened,
): Promise<void> {
  let keepers: ServiceKeeper[] = [];
  let audit: Promise<ServiceKeeper | undefined> | undefined;
  try {
    const { seats, publicPort, auditPort } = await takeSeats(file, config);
    const serviceKey = config.SERVICE_KEY?.reveal() ?? keptServiceKey(config.STOA_DATA);
    const ports = { publicPort, auditPort };
    const launch: Launch = { file, config, environment, log, paint, seats, ...ports, held, serviceKey };
    keepers = await makeKeepers(launch, databases.home);
    await untilAllReady(launch, keepers, stop);
    requireGoing(stop);
    audit = startAudit(launch, databases.readers, stop);
    await serveUntil(stop, launch, keepers);
  } finally {
    const auditor = await audit;
    await endAll(auditor ? [...keepers, auditor] : keepers, config.DRAIN_SECONDS * 1000);
  }
}

/** Refuses what cannot be encrypted as it should be before anything starts; a self-made certificate is made once for all processes. */
async function prepareTls(
  file: ShopFile,
  config: ConfigOf<typeof PlatformConfig>,
  environment: Environment,
  lines: SplitLog,
): Promise<void> {
  requireUsableGrpcTls(config, systemClock);
  if (!saysHttpTls(config)) return;
  const { openHttpTls } = await import("#platform/http/http-tls.ts");
  const { url } = readFacts(file, environment, () => originOf(config.HOST, config.PORT));
  const host = config.HOST ?? "127.0.0.1";
  openHttpTls({ settings: config, host, url, clock: systemClock, log: logOf(config, lines) })?.close();
}

function logOf(config: ConfigOf<typeof PlatformConfig>, lines: SplitLog): Logger {
  return createLogger({ level: config.LOG_LEVEL, format: "json" }, (line) => lines.line("launcher", line));
}

async function makeKeepers(launch: Launch, home: DatabaseHome): Promise<ServiceKeeper[]> {
  const shared = sharedEnvironment(launch);
  const keepers: ServiceKeeper[] = [];
  for (const seat of launch.seats) {
    const own = await seatEnvironment(seat, launch.config, home);
    const { name, operationsPort } = seat;
    keepers.push(
      new ServiceKeeper({ name, operationsPort, environment: { ...shared, ...own }, log: launch.log }),
    );
  }
  return keepers;
}

/** The audit begins when the books are there, and the shop sells without waiting for it. What keeps it from starting is said. */
async function startAudit(
  launch: Launch,
  readers: ReaderHome,
  stop: AbortSignal,
): Promise<ServiceKeeper | undefined> {
  const sayWhy = (error: unknown) =>
    launch.log.say(`The audit does not run: ${error instanceof Error ? error.message : String(error)}`);
  try {
    const keeper = await makeAuditKeeper(launch, readers);
    keeper?.start();
    void keeper?.ready(stop).catch(sayWhy);
    return keeper;
  } catch (error) {
    sayWhy(error);
    return undefined;
  }
}

/** It is kept like a service, and gets no secret and no role that can write. */
async function makeAuditKeeper(
  { file, config, environment, log, auditPort: operationsPort }: Launch,
  readers: ReaderHome,
): Promise<ServiceKeeper | undefined> {
  if (config.AUDIT_SECONDS === 0) return undefined;
  const urls: Record<string, string> = {};
  for (const { name, load } of file.services) {
    if (auditedServices.some((audited) => audited === name))
      urls[`AUDIT_${name.toUpperCase()}_DATABASE_URL`] = await readers(await load());
  }
  return new ServiceKeeper({
    name: "audit",
    operationsPort,
    environment: {
      ...environment,
      ...urls,
      DATABASE_URL: undefined,
      SERVICE_KEY: undefined,
      HOST: "127.0.0.1",
      HTTP_PORT: String(operationsPort),
      LOG_FORMAT: "json",
    },
    log,
  });
}

/** Each starts as soon as those are ready that it calls, and those it speaks HTTP to: then its first page can be whole. */
async function untilAllReady(
  { seats, held }: Launch,
  keepers: readonly ServiceKeeper[],
  stop: AbortSignal,
): Promise<void> {
  const opening = new Map<string, Promise<void>>();
  const open = async (seat: Seat, keeper: ServiceKeeper) => {
    const { needs, reaches = [] } = seat.definition;
    await Promise.all(
      [...Object.keys(needs as Needs), ...reaches].map(async (name) => await opening.get(name)),
    );
    if (stop.aborted) return;
    // The gateway takes the port that people know.
    if (seat.name === "gateway") held.http.release();
    keeper.start();
    await keeper.ready(stop);
  };
  seats.forEach((seat, index) => {
    const keeper = keepers[index];
    if (keeper) opening.set(seat.name, open(seat, keeper));
  });
  await Promise.all(opening.values());
}

async function serveUntil(
  stop: AbortSignal,
  launch: Launch,
  keepers: readonly ServiceKeeper[],
): Promise<void> {
  const { file, config, log } = launch;
  const print = log.say;
  const grpcTls = openGrpcTls({ settings: config, clock: systemClock, log: logOf(config, log) });
  launch.held.grpc.release();
  const front = await openFront(launch, grpcTls);
  for (const line of openedLines(launch, front.port)) print(line);
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
  });
  print("Ending: every service finishes its requests first.");
  const graceMs = config.DRAIN_SECONDS * 1000;
  const edges = file.services.filter(({ isEdge }) => isEdge).map(({ name }) => name);
  const atTheEdge = keepers.filter(({ name }) => edges.includes(name));
  await Promise.all([front.close(graceMs), endAll(atTheEdge, graceMs)]);
  grpcTls?.close();
}

async function endAll(keepers: readonly ServiceKeeper[], graceMs: number): Promise<void> {
  await Promise.all(keepers.map((keeper) => keeper.end(graceMs + killAfterMs)));
}

/** The front door for gRPC: one port that hands each call to the process that answers it. */
async function openFront({ config, seats, serviceKey, log }: Launch, tls: GrpcTls | undefined) {
  const withForeign = answersForeign(config, true);
  return await openGrpcFront({
    host: config.HOST ?? "127.0.0.1",
    port: config.GRPC_PORT,
    contracts: seats.flatMap(({ definition: { contracts = [] }, grpcPort }) =>
      contracts
        .filter((descriptor) => withForeign || !isForeign(descriptor))
        .map((descriptor) => ({ descriptor, url: `127.0.0.1:${grpcPort}` })),
    ),
    clock: systemClock,
    tls,
    serviceKey,
    log: logOf(config, log),
    limits: config.RATE_LIMIT === "on" ? new ForeignLimits(config, systemClock) : undefined,
  });
}

function openedLines({ config, environment, seats, publicPort, paint }: Launch, grpcPort: number): string[] {
  const origin = originOf(config.HOST, publicPort, isHttpEncrypted(config));
  const grpc = `${config.HOST ?? "127.0.0.1"}:${grpcPort}`;
  const email = environment["ADMIN_EMAIL"];
  const told = email ? [{ name: "admin's email", value: email }] : [];
  return [...closingBox({ origin, grpc, told, paint, hasMetrics: false }), ...listOf(seats, paint)];
}

/** Where each process is, for whoever looks at one. */
function listOf(seats: readonly Seat[], paint: Paint): string[] {
  const line = (name: string, grpc: string, http: string, operations: string) =>
    `    ${name.padEnd(15)}  ${grpc.padEnd(6)}  ${http.padEnd(6)}  ${operations}`;
  return [
    paint("bold", line("service", "gRPC", "HTTP", "metrics")),
    ...seats.map(({ name, definition, grpcPort, httpPort, operationsPort }) =>
      line(
        name,
        String(grpcPort),
        definition.http ? String(httpPort) : "",
        `http://127.0.0.1:${operationsPort}/metrics`,
      ),
    ),
    "",
  ];
}

async function takeSeats(
  { services }: ShopFile,
  config: ConfigOf<typeof PlatformConfig>,
): Promise<Pick<Launch, "publicPort" | "auditPort"> & { seats: Seat[] }> {
  const ports = await freePorts(services.length * 3 + 2, [config.PORT, config.GRPC_PORT]);
  const publicPort = config.PORT === 0 ? (ports.pop() ?? 0) : config.PORT;
  const auditPort = ports.pop() ?? 0;
  const seats: Seat[] = [];
  for (const { name, load } of services) {
    const [grpcPort = 0, httpPort = 0, operationsPort = 0] = ports.splice(0, 3);
    seats.push({
      name,
      definition: await load(),
      grpcPort,
      httpPort: name === "gateway" ? publicPort : httpPort,
      operationsPort,
    });
  }
  return { seats, publicPort, auditPort };
}

function sharedEnvironment({
  config,
  environment,
  seats,
  serviceKey,
  publicPort,
  auditPort,
}: Launch): Record<string, string | undefined> {
  const isEncrypted = isHttpEncrypted(config);
  const originAt = (port: number) => `${isEncrypted ? "https" : "http"}://127.0.0.1:${port}`;
  const urls = Object.fromEntries(
    // Where somebody else's stands in its place, the environment says where.
    seats
      .filter(({ name }) => !isForeignNeighbour(name, environment))
      .map(({ name, definition, grpcPort, httpPort }) => [
        `${name.toUpperCase()}_URL`,
        definition.http ? originAt(httpPort) : `127.0.0.1:${grpcPort}`,
      ]),
  );
  return {
    // What the whole shop agrees on, unless the environment says otherwise.
    SHOP_URL: originOf(config.HOST, publicPort, isEncrypted),
    PAYMENT_PROVIDER: "simulator",
    // One machine: the same folder that the shop in one process keeps its files in.
    FILES_PROVIDER: "folder",
    ...environment,
    ...urls,
    OPS_PROCESSES: seats.map(({ name, operationsPort }) => `${name}=127.0.0.1:${operationsPort}`).join(" "),
    OPS_AUDIT: config.AUDIT_SECONDS === 0 ? undefined : `127.0.0.1:${auditPort}`,
    SERVICE_KEY: serviceKey,
    HIPSTERSHOP: answersForeign(config, true) ? "on" : "off",
    // The front door counts; behind it everybody has its address.
    HIPSTERSHOP_CALLS_PER_MINUTE: "0",
    HIPSTERSHOP_ACTS_PER_MINUTE: "0",
    HIPSTERSHOP_ACT_BYTES_PER_MINUTE: "0",
    CATALOG_DEMO: environment["CATALOG_DEMO"] ?? "true",
    DATABASE_POOL_MAX: environment["DATABASE_POOL_MAX"] ?? "8",
    // The launcher makes lines for people of them, where people read.
    LOG_FORMAT: "json",
  };
}

async function seatEnvironment(
  seat: Seat,
  config: ConfigOf<typeof PlatformConfig>,
  home: DatabaseHome,
): Promise<Record<string, string>> {
  const host = config.HOST ?? "127.0.0.1";
  const url = seat.definition.database === undefined ? {} : { DATABASE_URL: await home(seat.definition) };
  return {
    ...url,
    HOST: seat.name === "gateway" ? host : "127.0.0.1",
    PORT: String(seat.httpPort),
    GRPC_PORT: String(seat.grpcPort),
    HTTP_PORT: String(seat.operationsPort),
  };
}
