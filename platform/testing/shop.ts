// A whole shop for a test: all services of a shop file in this process, reached over a real socket.
import { after } from "node:test";
import { createHttpServer, listen } from "#platform/http/server.ts";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { hearsOf } from "#platform/kit/hearing.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import { openServices, type RunningServices } from "#platform/kit/run.ts";
import type { ShopFacts } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import {
  loadExtensions,
  loadForeign,
  loadServices,
  readFacts,
  withFacts,
  type ShopFile,
} from "#platform/kit/shop-file.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testDatabaseUrl } from "./databases.ts";
import { fixedFlags } from "#platform/kit/flags.ts";

export interface TestShopOptions {
  readonly environment?: Environment;
  /** For a test that moves the time; it is the machine's otherwise. */
  readonly clock?: Clock;
  /** Facts of the program, where a test wants other ones. */
  readonly shop?: Partial<ShopFacts>;
  /** Leaves out what it answers false for. */
  readonly isWanted?: (service: string) => boolean;
}

/** What a test asks the REST API with. */
export interface TestRequest {
  readonly body?: object;
  readonly token?: string | undefined;
}

/** A shop that is open. */
export interface TestShop {
  /** Scheme, host and port; it is the address of the shop too, unless SHOP_URL says otherwise. */
  readonly origin: string;
  readonly running: RunningServices;
  /** Asks the REST API, for whoever the token names; answers the status and what the JSON says. */
  readonly ask: <T>(
    method: string,
    path: string,
    asked?: TestRequest,
  ) => Promise<{ status: number; body: T }>;
  /** Flags by name; what is not set is as in a new shop. */
  readonly flags: Map<string, boolean>;
}

/** Opens it with databases of its own, its first data and its jobs; all of it is gone when the test file ends. */
export async function openTestShop(file: ShopFile, options: TestShopOptions = {}): Promise<TestShop> {
  const { environment = {}, isWanted } = options;
  const flags = new Map<string, boolean>();
  const place = { origin: "" };
  const facts = readFacts(file, environment, () => place.origin);
  const services = await loadServices(file, isWanted);
  const names = services.map(({ name }) => name);
  const program = {
    isEmbedded: true,
    apiUrl: () => place.origin,
    serviceKey: "a-key-that-only-tests-know-0123456789",
    rateLimits: false,
    health: async () => await running.health(),
    ...options.shop,
  };
  const running: RunningServices = await openServices({
    services,
    order: file.services.map(({ name }) => name),
    hears: hearsOf(file.services),
    issuer: file.issuer,
    addressAliases: file.addressAliases,
    foreign: await loadForeign(file, environment),
    extensions: await loadExtensions(file, names),
    environment,
    config: readConfig(PlatformConfig, { LOG_LEVEL: "silent", DATABASE_POOL_MAX: "5" }),
    home: async ({ name }) => await testDatabaseUrl(name),
    shop: withFacts(facts, program),
    flags: fixedFlags((name) => flags.get(name) ?? name !== "MAINTENANCE_MODE"),
    clock: options.clock ?? systemClock,
    log: silentLog,
  });
  const app = createHttpServer({ service: "shop", log: silentLog });
  after(async () => {
    await app.close();
    await running.close();
  });
  for (const { parts } of running.services) await parts.http?.(app);
  place.origin = `http://127.0.0.1:${await listen(app, "127.0.0.1", 0)}`;
  await running.seed();
  running.startWork();
  const { origin } = place;
  const ask = async <T>(method: string, path: string, asked: TestRequest = {}) =>
    await askJson<T>(new Request(origin + path, requestOf(method, asked)));
  return { origin, running, flags, ask };
}

function requestOf(method: string, { body, token }: TestRequest): RequestInit {
  const headers = {
    ...(body && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  return { method, headers, ...(body && { body: JSON.stringify(body) }) };
}

async function askJson<T>(request: Request): Promise<{ status: number; body: T }> {
  const answer = await fetch(request);
  const text = await answer.text();
  return { status: answer.status, body: (text === "" ? undefined : JSON.parse(text)) as T };
}
