// The whole shop in this process, on a PostgreSQL of its own that writes to the disk as in earnest (fsync on).
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import { embeddedHome } from "#platform/database/database-home.ts";
import type { Database } from "#platform/database/db.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { randomSecret } from "#platform/kit/ids.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { openShop, type Shop } from "#platform/kit/program.ts";
import { CartService } from "#gen/stoa/cart/v1/cart_pb.js";
import { CheckoutService } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { UserService } from "#gen/stoa/user/v1/user_pb.js";
import { shop as file } from "../shop.ts";

/** What the benchmarks measure, and what they need around it. */
export interface BenchShop {
  readonly shop: Shop;
  readonly origin: string;
  readonly postgres: EmbeddedPostgres;
  /** Where PostgreSQL has its files and its log. */
  readonly folder: string;
  database(service: string): Database;
  readonly databases: ReadonlyMap<string, Database>;
  readonly cart: ReturnType<typeof clientsOf>["cart"];
  readonly user: ReturnType<typeof clientsOf>["user"];
  readonly checkout: ReturnType<typeof clientsOf>["checkout"];
  close(): Promise<void>;
}

/** Opens it on free ports, with rate limits off, nothing logged, and patience with checkouts unless `more` says otherwise. */
export async function openBenchShop(more: Environment = {}): Promise<BenchShop> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-bench-"));
  const postgres = await startEmbeddedPostgres({
    dataDir: folder,
    log: { info: () => undefined, error: (message) => console.error(message) },
  });
  try {
    const shop = await openAll(postgres, more);
    return describe(shop, postgres, folder);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function openAll(postgres: EmbeddedPostgres, more: Environment): Promise<Shop> {
  const environment: Environment = {
    LOG_LEVEL: "silent",
    RATE_LIMIT: "off",
    DRAIN_SECONDS: "1",
    GATEWAY_CHECKOUT_TIMEOUT_MS: "60000",
    ...more,
  };
  return await openShop({
    file,
    environment,
    config: readConfig(PlatformConfig, environment),
    home: embeddedHome(postgres),
    isEmbedded: true,
    serviceKey: randomSecret(),
    host: "127.0.0.1",
    httpPort: 0,
    operationsPort: undefined,
    grpcPort: 0,
    clock: systemClock,
    log: silentLog,
  });
}

function clientsOf({ running }: Shop) {
  return {
    cart: running.client(CartService, "cart", "gateway"),
    user: running.client(UserService, "user", "gateway"),
    checkout: running.client(CheckoutService, "checkout", "gateway"),
  };
}

function describe(shop: Shop, postgres: EmbeddedPostgres, folder: string): BenchShop {
  const databases = new Map<string, Database>();
  for (const { name, db } of shop.running.services) if (db) databases.set(name, db);
  return {
    shop,
    origin: `http://127.0.0.1:${shop.httpPort}`,
    postgres,
    folder,
    databases,
    database: (service) => {
      const db = databases.get(service);
      if (!db) throw new Error(`The ${service} service has no database.`);
      return db;
    },
    ...clientsOf(shop),
    close: async () => {
      await shop.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
