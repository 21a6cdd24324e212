// The whole shop in this process, reached over a real socket, for journeys through its pages.
import assert from "node:assert/strict";
import { after } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { hearsOf } from "#platform/kit/hearing.ts";
import { fixedFlags } from "#platform/kit/flags.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import type { ExtensionDefinition } from "#platform/kit/extension.ts";
import { createHttpServer, listen } from "#platform/http/server.ts";
import type { SharedStore } from "#platform/redis/replica-store.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { openServices, type RunningServices } from "#platform/kit/run.ts";
import type { SimulatedNetwork } from "#platform/rpc/local.ts";
import type { Facts } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { testShop } from "#platform/testing/services.ts";
import { audit, booksOf } from "../../audit/audit.ts";
import { services } from "../../shop.ts";
import { untilAtRest } from "../lab/rest.ts";
import { DemoPrices, type ShopCurrency } from "./demo-prices.ts";
import { patientLimits } from "../lab/patient-limits.ts";

export const admin = { email: "admin@example.com", password: "the keys of the colonnade" };

export interface ShopUnderTest {
  /** What its goods cost. */
  readonly prices: DemoPrices;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly running: RunningServices;
  /** Flags by name; what is not set is as in a new shop. */
  readonly flags: Map<string, boolean>;
}

export interface ShopParts {
  readonly environment?: Environment;
  readonly extensions?: readonly ExtensionDefinition[];
  /** Stands between the services. */
  readonly network?: SimulatedNetwork;
  /** Counts requests; else nobody is refused for their number. */
  readonly rateLimits?: boolean;
  /** What replicas share. */
  readonly shared?: SharedStore;
  /** Closes what the shop needs to the last; after it. */
  readonly close?: () => Promise<void>;
}

let shared: Promise<ShopUnderTest> | undefined;
let currency: ShopCurrency = "USD";

/** The journeys of this process lead through a shop in this currency, not in dollars. To be said before any of them begins. */
export function sellIn(wanted: ShopCurrency): void {
  assert.equal(shared, undefined, "The shop is open already.");
  currency = wanted;
}

/** The one shop that all journeys of this process lead through. */
export async function journeyShop(): Promise<ShopUnderTest> {
  shared ??= openShop({ currency });
  return await shared;
}

/**
 * Opens all services with their first data and jobs, under these facts of the shop. When the test file ends, its books are audited
 * and it is closed.
 */
export async function openShop(
  facts: Partial<Facts> = {},
  {
    environment = {},
    extensions = [],
    network,
    shared: store,
    rateLimits = false,
    close = () => Promise.resolve(),
  }: ShopParts = {},
): Promise<ShopUnderTest> {
  const closers: (() => Promise<void>)[] = [];
  // Before the databases have theirs, which drop them: what is said first is done first.
  after(async () => {
    const failures: unknown[] = [];
    // What stays open would keep the process, and what went wrong from being told.
    for (const closer of closers) await closer().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  });
  const flags = new Map<string, boolean>();
  let origin = "";
  const running: RunningServices = await openServices({
    services: await Promise.all(services.map(async ({ load }) => await load())),
    order: services.map(({ name }) => name),
    hears: hearsOf(services),
    environment: {
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      CATALOG_DEMO: "true",
      ...patientLimits,
      ...environment,
    },
    extensions,
    network,
    shared: store,
    config: readConfig(PlatformConfig, { LOG_LEVEL: "silent", DATABASE_POOL_MAX: "5" }),
    home: async ({ name }) => await testDatabaseUrl(name),
    issuer: "user",
    shop: testShop({
      isEmbedded: true,
      apiUrl: () => origin,
      serviceKey: "a-key-that-only-tests-know-0123456789",
      rateLimits,
      health: async () => await running.health(),
      ...facts,
    }),
    flags: fixedFlags((name) => flags.get(name) ?? name !== "MAINTENANCE_MODE"),
    clock: systemClock,
    log: silentLog,
  });
  const app = createHttpServer({ service: "shop", log: silentLog });
  closers.push(
    () => app.close(),
    () => requireSoundBooks(running),
    () => running.close(),
    close,
  );
  for (const { parts } of running.services) await parts.http?.(app);
  origin = `http://127.0.0.1:${await listen(app, "127.0.0.1", 0)}`;
  await running.seed();
  running.startWork();
  // As the program does: on a busy machine the first page of a process takes longer than a shopper is asked to wait.
  await eventually("the first page is whole", async () => (await fetch(`${origin}/`)).ok);
  const prices = new DemoPrices((facts.currency ?? "USD") as ShopCurrency);
  return { origin, running, flags, prices };
}

/** Ends the time of buyers who have not come back to pay, waits until nothing is under way, then demands that every invariant holds. */
async function requireSoundBooks({ services: open }: RunningServices): Promise<void> {
  const databases = new Map(open.flatMap(({ name, db }) => (db ? [[name, db] as const] : [])));
  await databases
    .get("checkout")
    ?.run("update checkouts set wait_until = now(), look_at = now() where status = 'waiting'");
  await untilAtRest({ databases });
  const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
  const broken = findings.flatMap(({ invariant, violations }) =>
    violations.map((line) => `${invariant.id}: ${line}`),
  );
  assert.deepEqual(broken, []);
}
