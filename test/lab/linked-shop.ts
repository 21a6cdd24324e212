// The whole shop as processes that the test starts itself, one for each service, on one PostgreSQL; every edge between them can be
// led over a link that is made bad while it is in use.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import type { AnyService, Needs } from "#platform/kit/service.ts";
import { embeddedHome } from "#platform/database/database-home.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { services } from "../../shop.ts";
import { databaseEnd, readEdges, type Edge } from "./edges.ts";
import { openLinkProxy, type LinkProxy } from "./link-proxy.ts";
import { ShopProcess } from "./shop-process.ts";

export interface LinkedShopOptions {
  /** The edges that go over a link; all of them with `true`, none when not said. */
  readonly links?: boolean | ((edge: Edge) => boolean);
  /** How many processes of a service there are, on 127.0.0.1, 127.0.0.2 and so on with the same ports; one where not said. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** How callers address a service over gRPC that has replicas; host:port of the first when not said. */
  readonly addressOf?: (service: string, hosts: readonly string[], port: number) => string;
  /** Settings of every process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Settings of the processes of one service. */
  readonly environmentOf?: (service: string) => Readonly<Record<string, string>>;
  /** Where the program lies; this tree when not said. */
  readonly tree?: string;
  /** False leaves the processes to be started by the test. */
  readonly isStarted?: boolean;
}

/** One edge and the link it goes over. */
export interface Link {
  readonly edge: Edge;
  readonly proxy: LinkProxy;
}

export type LinkedShop = Awaited<ReturnType<typeof openLinkedShop>>;

export const linkedShopKey = "the-linked-shop-has-a-key-of-its-own-0123456789";
const here = new URL("../../", import.meta.url).pathname;

interface Seat {
  readonly definition: AnyService;
  readonly hosts: readonly string[];
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly operationsPort: number;
  readonly databaseUrl: string | undefined;
}

/** Opens the shop with databases of its own, fsync on, and waits until every process is ready. */
export async function openLinkedShop(options: LinkedShopOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), "stoa-linked-"));
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, "postgres"),
    log: { info: () => undefined, error: () => undefined },
  });
  const links: Link[] = [];
  const databases = new Map<string, Database>();
  let processes: ShopProcess[] = [];
  const close = async () => {
    // Killed: what a test needs to see of the end, it has seen by then.
    await Promise.all(processes.map((process) => process.kill()));
    await Promise.all(links.map(({ proxy }) => proxy.close()));
    await Promise.all([...databases.values()].map((db) => db.close()));
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const seats = await takeSeats(postgres, options);
    links.push(...(await openLinks(seats, options)));
    processes = makeProcesses({ seats, links, folder, options });
    if (options.isStarted !== false) await startInOrder(seats, processes);
    const gateway = seats.get("gateway");
    return {
      folder,
      postgres,
      /** Where people reach the gateway's first process. */
      origin: `http://127.0.0.1:${gateway?.httpPort}`,
      /** Every process; replicas of a service beside each other. */
      processes,
      /** The process of a service, or one of its replicas: `cart`, `cart-2`. */
      process: (name: string) => found(processes, (process) => process.name === name, name),
      replicasOf: (service: string) => processes.filter((process) => process.service === service),
      links,
      /** The link of one edge; `database` is the end of a service's edge to its database. */
      link: (from: string, to: string) =>
        found(links, ({ edge }) => edge.from === from && edge.to === to, `${from} → ${to}`),
      /** Every service's own database, opened when first asked for, over no link. */
      databases: () => {
        if (databases.size === 0) openAuditors(seats, databases);
        return databases;
      },
      /** Starts every process that does not run, each after those that it calls. */
      startAll: () => startInOrder(seats, processes),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function takeSeats(
  postgres: EmbeddedPostgres,
  { replicas = {} }: LinkedShopOptions,
): Promise<Map<string, Seat>> {
  const ports = await freePorts(services.length * 3);
  const home = embeddedHome(postgres);
  const seats = await Promise.all(
    services.map(async ({ name, load }, index) => {
      const definition = await load();
      const [grpcPort = 0, httpPort = 0, operationsPort = 0] = ports.slice(index * 3);
      const hosts = Array.from({ length: replicas[name] ?? 1 }, (_, replica) => `127.0.0.${replica + 1}`);
      const databaseUrl = definition.database === undefined ? undefined : await home(definition);
      return [name, { definition, hosts, grpcPort, httpPort, operationsPort, databaseUrl }] as const;
    }),
  );
  return new Map(seats);
}

/** A link for each edge that shall have one; it leads to the first process of a service. */
async function openLinks(
  seats: ReadonlyMap<string, Seat>,
  { links = false }: LinkedShopOptions,
): Promise<Link[]> {
  const isWanted = typeof links === "function" ? links : () => links;
  const edges = readEdges().filter(isWanted);
  const taken = [...seats.values()].flatMap((seat) => [seat.grpcPort, seat.httpPort, seat.operationsPort]);
  const ports = await freePorts(edges.length, taken);
  return await Promise.all(
    edges.map(async (edge, index) => {
      const port = ports[index];
      return { edge, proxy: await openLinkProxy({ target: targetOf(edge, seats), ...(port && { port }) }) };
    }),
  );
}

function targetOf({ from, to, protocol }: Edge, seats: ReadonlyMap<string, Seat>): { port: number } {
  if (to === databaseEnd) return { port: Number(new URL(seats.get(from)?.databaseUrl ?? "").port) };
  const { grpcPort = 0, httpPort = 0 } = seats.get(to) ?? {};
  return { port: protocol === "http" ? httpPort : grpcPort };
}

interface Making {
  readonly seats: ReadonlyMap<string, Seat>;
  readonly links: readonly Link[];
  readonly folder: string;
  readonly options: LinkedShopOptions;
}

function makeProcesses(making: Making): ShopProcess[] {
  const { seats, options } = making;
  return [...seats].flatMap(([service, { hosts, grpcPort, httpPort, operationsPort }]) =>
    hosts.map(
      (host, replica) =>
        new ShopProcess({
          name: replica === 0 ? service : `${service}-${replica + 1}`,
          service,
          host,
          grpcPort,
          httpPort,
          operationsPort,
          tree: options.tree ?? here,
          environment: environmentOf(service, host, making),
        }),
    ),
  );
}

function environmentOf(
  service: string,
  host: string,
  { seats, links, folder, options }: Making,
): Record<string, string | undefined> {
  const seat = seats.get(service);
  const linked = new Map(
    links
      .filter(({ edge }) => edge.from === service)
      .map(({ edge, proxy }) => [edge.to, `127.0.0.1:${proxy.port}`]),
  );
  const address = options.addressOf ?? ((_, [first = ""], port) => `${first}:${port}`);
  const urls = [...seats].map(([name, { definition, hosts, grpcPort, httpPort }]) => {
    const port = definition.http ? httpPort : grpcPort;
    const direct = definition.http ? `${hosts[0]}:${port}` : address(name, hosts, port);
    const said = linked.get(name) ?? direct;
    return [`${name.toUpperCase()}_URL`, definition.http ? `http://${said}` : said];
  });
  return {
    NODE_COMPILE_CACHE: join(tmpdir(), `stoa-lab-compiled-${userInfo().uid}`),
    ...process.env,
    SHOP_URL: `http://127.0.0.1:${seats.get("gateway")?.httpPort}`,
    SERVICE_KEY: linkedShopKey,
    STOA_DATA: folder,
    PAYMENT_PROVIDER: "simulator",
    FILES_PROVIDER: "folder",
    CATALOG_DEMO: "true",
    DATABASE_POOL_MAX: "5",
    RATE_LIMIT: "off",
    LOG_LEVEL: "error",
    LOG_FORMAT: "json",
    ...Object.fromEntries(urls),
    ...options.environment,
    ...options.environmentOf?.(service),
    ...databaseEnvironment(seat, linked.get(databaseEnd)),
    HOST: host,
    PORT: String(seat?.httpPort),
    GRPC_PORT: String(seat?.grpcPort),
    HTTP_PORT: String(seat?.operationsPort),
  };
}

function databaseEnvironment(seat: Seat | undefined, linked: string | undefined): Record<string, string> {
  if (seat?.databaseUrl === undefined) return {};
  const url = new URL(seat.databaseUrl);
  if (linked !== undefined) url.host = linked;
  return { DATABASE_URL: url.href };
}

/** Each starts as soon as those are ready that it calls, and those it speaks HTTP to. */
async function startInOrder(
  seats: ReadonlyMap<string, Seat>,
  processes: readonly ShopProcess[],
): Promise<void> {
  const opening = new Map<string, Promise<void>>();
  const open = async (name: string, { definition: { needs, reaches = [] } }: Seat) => {
    const before = [...Object.keys(needs as Needs), ...reaches];
    await Promise.all(before.map(async (needed) => await opening.get(needed)));
    const own = processes.filter(({ service, isRunning }) => service === name && !isRunning);
    await Promise.all(own.map((process) => process.start()));
  };
  for (const [name, seat] of seats) opening.set(name, open(name, seat));
  const outcomes = await Promise.allSettled(opening.values());
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

function openAuditors(seats: ReadonlyMap<string, Seat>, databases: Map<string, Database>): void {
  for (const [name, { databaseUrl: url }] of seats)
    if (url !== undefined)
      databases.set(
        name,
        openDatabase({ url, name: `audit-${name}`, connectionsMax: 2, clock: systemClock, log: silentLog }),
      );
}

function found<T>(values: readonly T[], isIt: (value: T) => boolean, name: string): T {
  const value = values.find(isIt);
  if (value === undefined) throw new Error(`The shop has no ${name}.`);
  return value;
}
