// A shop in two processes on a real PostgreSQL, for tests that kill: one process has checkout, the other everything it calls.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { embeddedHome } from "#platform/database/database-home.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { createGrpcClient } from "#platform/rpc/grpc-client.ts";
import type { Client } from "#platform/rpc/contract.ts";
import { CartService } from "#gen/stoa/cart/v1/cart_pb.js";
import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { CheckoutService } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { OrderService } from "#gen/stoa/order/v1/order_pb.js";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { services } from "../../shop.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import { LabProcess } from "./lab-process.ts";

/** What a test may touch: calls as the gateway, the processes to kill, the databases to audit. */
export interface Lab {
  readonly front: LabProcess;
  /** A second checkout process, when there is one; calls to checkout then alternate. */
  readonly twin: LabProcess | undefined;
  readonly back: LabProcess;
  readonly checkout: Client<typeof CheckoutService>;
  readonly cart: Client<typeof CartService>;
  readonly catalog: Client<typeof CatalogService>;
  readonly order: Client<typeof OrderService>;
  readonly payment: Client<typeof PaymentService>;
  /** Every service's own database, by service name. */
  readonly databases: ReadonlyMap<string, Database>;
  readonly postgres: EmbeddedPostgres;
  /** SIGKILL of the database server; its supervisor starts it again. */
  killPostgres(): Promise<void>;
  close(): Promise<void>;
}

const serviceKey = "the-lab-has-a-key-of-its-own-0123456789";
const frontServices = ["checkout"];
const backServices = [
  "catalog",
  "currency",
  "user",
  "shipping",
  "payment",
  "email",
  "ad",
  "cart",
  "recommendation",
  "order",
];

export interface LabOptions {
  /** Two processes of checkout on one database. */
  readonly hasTwin?: boolean;
  /** Further settings of its processes. */
  readonly environment?: { readonly [name: string]: string };
}

/** Opens a lab with databases of its own, fsync on. */
export async function openLab({ hasTwin = false, environment: more = {} }: LabOptions = {}): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-lab-"));
  const postgres = await startEmbeddedPostgres({
    dataDir: folder,
    log: { info: () => undefined, error: () => undefined },
  });
  const urls = await databaseUrls(postgres);
  const [frontPort = 0, twinPort = 0, backPort = 0] = await freePorts(3);
  const environment = {
    ...Object.fromEntries(urls.map(([name, url]) => [`${name.toUpperCase()}_DATABASE_URL`, url])),
    ...Object.fromEntries(backServices.map((name) => [`${name.toUpperCase()}_URL`, `127.0.0.1:${backPort}`])),
    CHECKOUT_URL: `127.0.0.1:${frontPort}`,
    SERVICE_KEY: serviceKey,
    LOG_LEVEL: "fatal",
    CHECKOUT_LEASE_SECONDS: "1",
    CHECKOUT_STEP_SECONDS: "2",
    DATABASE_POOL_MAX: "10",
    ...more,
  };
  const back = new LabProcess("back", backServices, { ...environment, GRPC_PORT: String(backPort) });
  await back.start();
  const front = new LabProcess("front", frontServices, { ...environment, GRPC_PORT: String(frontPort) });
  await front.start();
  const twin = hasTwin
    ? new LabProcess("twin", frontServices, { ...environment, GRPC_PORT: String(twinPort) })
    : undefined;
  await twin?.start();

  const databases = new Map(urls.map(([name, url]) => [name, openAuditor(name, url)]));
  const channels: (() => void)[] = [];
  const call = <S extends Parameters<typeof createGrpcClient>[0]>(descriptor: S, port: number) => {
    const url = `127.0.0.1:${port}`;
    const { client, close } = createGrpcClient(descriptor, {
      url,
      caller: "gateway",
      serviceKey,
      clock: systemClock,
    });
    channels.push(close);
    return client;
  };
  return {
    front,
    twin,
    back,
    checkout: twin
      ? alternating(call(CheckoutService, frontPort), call(CheckoutService, twinPort))
      : call(CheckoutService, frontPort),
    cart: call(CartService, backPort),
    catalog: call(CatalogService, backPort),
    order: call(OrderService, backPort),
    payment: call(PaymentService, backPort),
    databases,
    postgres,
    killPostgres: async () => await killServer(join(folder, "cluster/postmaster.pid")),
    close: async () => {
      for (const close of channels) close();
      await Promise.all([front.stop(), twin?.stop(), back.stop()]);
      await Promise.all([...databases.values()].map((db) => db.close()));
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Every purchase begins at the first; a repeat goes to the other, as a load balancer might send it. */
function alternating(
  first: Client<typeof CheckoutService>,
  second: Client<typeof CheckoutService>,
): Client<typeof CheckoutService> {
  const asked = new Map<string, number>();
  return {
    ...first,
    placeOrder: async (request, call) => {
      const key = request.idempotencyKey ?? "";
      const times = asked.get(key) ?? 0;
      asked.set(key, times + 1);
      return await (times % 2 === 0 ? first : second).placeOrder(request, call);
    },
  };
}

async function databaseUrls(postgres: EmbeddedPostgres): Promise<[string, string][]> {
  const home = embeddedHome(postgres);
  const urls: [string, string][] = [];
  for (const { name, load } of services) {
    if (![...frontServices, ...backServices].includes(name)) continue;
    urls.push([name, await home(await load())]);
  }
  return urls;
}

function openAuditor(name: string, url: string): Database {
  return openDatabase({ url, name: `audit-${name}`, connectionsMax: 2, clock: systemClock, log: silentLog });
}

/** Waits until a server runs, for the supervisor may just be starting one, and kills it. */
async function killServer(pidFile: string): Promise<void> {
  for (;;) {
    const [pid] = (await readFile(pidFile, "utf8").catch(() => "")).split("\n");
    try {
      if (pid) return void process.kill(Number(pid), "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
    await systemClock.sleep(100);
  }
}
