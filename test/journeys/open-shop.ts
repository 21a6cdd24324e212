// The whole shop in this process, reached over a real socket, for journeys through its pages.
import { after } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { hearsOf } from "#platform/kit/hearing.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import type { ExtensionDefinition } from "#platform/kit/extension.ts";
import { createHttpServer, listen } from "#platform/http/server.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { openServices, type RunningServices } from "#platform/kit/run.ts";
import type { Facts } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { testShop } from "#platform/testing/services.ts";
import { services } from "../../shop.ts";

export const admin = { email: "admin@example.com", password: "the keys of the colonnade" };

export interface ShopUnderTest {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly running: RunningServices;
  /** Flags by name; what is not set is as in a new shop. */
  readonly flags: Map<string, boolean>;
}

export interface ShopParts {
  readonly environment?: Environment;
  readonly extensions?: readonly ExtensionDefinition[];
}

/** Opens all services with their first data and jobs, under these facts of the shop; closed when the test file ends. */
export async function openShop(
  facts: Partial<Facts> = {},
  { environment = {}, extensions = [] }: ShopParts = {},
): Promise<ShopUnderTest> {
  const flags = new Map<string, boolean>();
  const isOn = (name: string) => Promise.resolve(flags.get(name) ?? name !== "MAINTENANCE_MODE");
  let origin = "";
  const running: RunningServices = await openServices({
    services: await Promise.all(services.map(async ({ load }) => await load())),
    order: services.map(({ name }) => name),
    hears: hearsOf(services),
    environment: {
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      CATALOG_DEMO: "true",
      ...environment,
    },
    extensions,
    config: readConfig(PlatformConfig, { LOG_LEVEL: "silent", DATABASE_POOL_MAX: "5" }),
    home: async ({ name }) => await testDatabaseUrl(name),
    issuer: "user",
    shop: testShop({
      isEmbedded: true,
      apiUrl: () => origin,
      serviceKey: "a-key-that-only-tests-know-0123456789",
      rateLimits: false,
      health: async () => await running.health(),
      ...facts,
    }),
    flags: { isOn },
    clock: systemClock,
    log: silentLog,
  });
  const app = createHttpServer({ service: "shop", log: silentLog });
  after(async () => {
    await app.close();
    await running.close();
  });
  for (const { parts } of running.services) await parts.http?.(app);
  origin = `http://127.0.0.1:${await listen(app, "127.0.0.1", 0)}`;
  await running.seed();
  running.startWork();
  return { origin, running, flags };
}
