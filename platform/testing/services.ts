// Real services for tests, with real transports between them.
import { after } from "node:test";
import type { DescService } from "@bufbuild/protobuf";
import type { DatabaseHome } from "#platform/database/database-home.ts";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import { openServices, type RunningServices } from "#platform/kit/run.ts";
import type { Hears } from "#platform/kit/hearing.ts";
import type { ExtensionDefinition } from "#platform/kit/extension.ts";
import type { AnyService, ShopFacts } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import type { Client } from "#platform/rpc/contract.ts";
import type { SimulatedNetwork } from "#platform/rpc/local.ts";
import { silentLog, type Logger } from "#platform/telemetry/log.ts";
import { testDatabaseUrl } from "./databases.ts";
import { fixedFlags } from "#platform/kit/flags.ts";

export interface TestServices extends RunningServices {
  /** A client that calls as another service of the shop. */
  as<S extends DescService>(descriptor: S, service: string, caller?: string): Client<S>;
}

export interface TestServicesOptions {
  readonly environment?: Environment;
  readonly clock?: Clock;
  readonly startWork?: boolean;
  readonly network?: SimulatedNetwork;
  readonly shop?: Partial<ShopFacts>;
  /** Topics that the services hear, as the list of services would say it. Absent: nobody is told of anything. */
  readonly hears?: Hears;
  /** Where their databases are; absent: each has a new one on the server that `npm test` starts. */
  readonly home?: DatabaseHome;
  readonly extensions?: readonly ExtensionDefinition[];
  /** Absent: nothing is said. */
  readonly log?: Logger;
}

/**
 * Opens real services in this process, each on a database of its own, in list order; closed when the test file ends.
 * `services` must contain everything they need.
 */
export async function testServices(
  services: readonly AnyService[],
  options: TestServicesOptions = {},
): Promise<TestServices> {
  const running = await openServices({
    services,
    order: services.map(({ name }) => name),
    hears: options.hears,
    environment: options.environment ?? {},
    config: readConfig(PlatformConfig, { LOG_LEVEL: "silent", DATABASE_POOL_MAX: "10" }),
    home: options.home ?? (async ({ name }) => await testDatabaseUrl(name)),
    shop: testShop(options.shop),
    issuer: "user",
    extensions: options.extensions ?? [],
    flags: fixedFlags((name) => name !== "MAINTENANCE_MODE"),
    clock: options.clock ?? systemClock,
    log: options.log ?? silentLog,
    network: options.network,
  });
  after(async () => await running.close());
  await running.seed();
  if (options.startWork) running.startWork();
  return Object.assign(running, {
    as: <S extends DescService>(descriptor: S, service: string, caller = "gateway") =>
      running.client(descriptor, service, caller),
  });
}

/** A shop in US dollars on this machine; what a test sets otherwise, it says. */
export function testShop(changes: Partial<ShopFacts> = {}): ShopFacts {
  return {
    name: "Stoa",
    url: "http://localhost:3000",
    currency: "USD",
    country: "US",
    locale: "en-US",
    supportEmail: "",
    theme: undefined,
    isEmbedded: true,
    apiUrl: () => "http://127.0.0.1:0",
    serviceKey: "a-key-that-only-tests-know-0123456789",
    rateLimits: false,
    health: () => Promise.resolve([]),
    ...changes,
  };
}
