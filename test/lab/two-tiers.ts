// The shop in three tiers: storefronts, processes with everything else, and one PostgreSQL with a database of its own for them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { backendHome } from "#platform/database/database-home.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import { provisionDatabase } from "#platform/database/provision.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { services } from "../../shop.ts";
import { ShopProcess } from "./shop-process.ts";

export type TwoTiers = Awaited<ReturnType<typeof openTwoTiers>>;

const account = {
  user: "ecommerce_user",
  password: "the-back-ends-enter-with-this-one",
  database: "ecommerce_db",
};
const hosts = ["127.0.0.1", "127.0.0.2"];
const tree = new URL("../../", import.meta.url).pathname;

/** Two of each, all started at once on an empty database; ready when it returns. `environment` is for all of them. */
export async function openTwoTiers(environment: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "stoa-tiers-"));
  const log = { info: () => undefined, error: () => undefined };
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, "postgres"), log });
  const databases = new Map<string, Database>();
  const processes: ShopProcess[] = [];
  const close = async () => {
    await Promise.all(processes.map((process) => process.kill()));
    await Promise.all([...databases.values()].map((db) => db.close()));
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const place = await makeDatabase(postgres);
    const ports = await freePorts(5);
    const common = { ...environmentOf(folder), ...place, ...environment };
    const backends = hosts.map((host, index) => processAt("backend", index, { host, ports, common }));
    const storefronts = hosts.map((host, index) => processAt("storefront", index, { host, ports, common }));
    processes.push(...backends, ...storefronts);
    await Promise.all(processes.map((process) => process.start()));
    const originsOf = (those: readonly ShopProcess[]) =>
      those.map(({ host, httpPort }) => `http://${host}:${httpPort}`);
    return {
      backends,
      storefronts,
      backendOrigins: originsOf(backends),
      storefrontOrigins: originsOf(storefronts),
      /** Every service's own tables, opened when first asked for. */
      databases: async () => {
        if (databases.size === 0) await openAll(place, databases);
        return databases;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Seat {
  readonly host: string;
  readonly ports: readonly number[];
  readonly common: Readonly<Record<string, string | undefined>>;
}

function processAt(
  service: "backend" | "storefront",
  index: number,
  { host, ports, common }: Seat,
): ShopProcess {
  const isBackend = service === "backend";
  const [backendPort = 0, grpcPort = 0, backendOperations = 0, pagesPort = 0, pagesOperations = 0] = ports;
  const httpPort = isBackend ? backendPort : pagesPort;
  const operationsPort = isBackend ? backendOperations : pagesOperations;
  return new ShopProcess({
    name: `${service}-${index + 1}`,
    service,
    host,
    grpcPort,
    httpPort,
    operationsPort,
    tree,
    environment: {
      ...common,
      // What a Service of a cluster spreads: each pair has a way of its own here.
      ...(isBackend ? {} : { BACKEND_URL: `http://${host}:${backendPort}`, GRPC_PORT: "0" }),
      ...(isBackend ? { GRPC_PORT: String(grpcPort) } : {}),
      HOST: host,
      PORT: String(httpPort),
      HTTP_PORT: String(operationsPort),
    },
  });
}

/** A back end whose database is on a port where nobody listens; not started. */
export function unplacedBackend(ports: readonly number[]): ShopProcess {
  const { user, password, database } = account;
  const place = {
    DATABASE_HOST: "127.0.0.1",
    DATABASE_PORT: "1",
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: database,
  };
  return processAt("backend", 0, {
    host: "127.0.0.1",
    ports,
    common: { ...environmentOf(tmpdir()), ...place },
  });
}

/** One database, and an account that may do nothing but what it owns. */
async function makeDatabase({ adminUrl }: EmbeddedPostgres): Promise<Record<string, string>> {
  const { user, password, database } = account;
  await provisionDatabase({ adminUrl, database, role: user, password });
  const { hostname, port } = new URL(adminUrl);
  return {
    DATABASE_HOST: hostname,
    DATABASE_PORT: port,
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: database,
  };
}

function environmentOf(folder: string): Record<string, string | undefined> {
  return {
    NODE_COMPILE_CACHE: join(tmpdir(), `stoa-lab-compiled-${userInfo().uid}`),
    ...process.env,
    SERVICE_KEY: "the-tiers-have-a-key-of-their-own-0123456789",
    STOA_DATA: folder,
    SHOP_URL: "http://shop.example",
    PAYMENT_PROVIDER: "simulator",
    CATALOG_DEMO: "true",
    RATE_LIMIT: "off",
    LOG_LEVEL: "error",
  };
}

async function openAll(place: Record<string, string>, databases: Map<string, Database>): Promise<void> {
  const home = backendHome(place);
  for (const { name, load } of services) {
    const definition = await load();
    if (definition.database === undefined) continue;
    const url = await home(definition);
    databases.set(
      name,
      openDatabase({ url, name: `audit-${name}`, connectionsMax: 1, clock: systemClock, log: silentLog }),
    );
  }
}
