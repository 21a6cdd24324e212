// What tests stand on: real databases, real transports, a clock that can be moved.
import { after } from "node:test";
import type { DescService } from "@bufbuild/protobuf";
import { systemClock, type Clock } from "./clock.ts";
import { readConfig, type Environment } from "./config.ts";
import { migrateService } from "./database-home.ts";
import { openDatabase, type Database } from "./db.ts";
import { newId, randomCode } from "./ids.ts";
import { silentLog } from "./log.ts";
import { dropDatabase, provisionDatabase } from "./provision.ts";
import type { Call, Client } from "./rpc/contract.ts";
import type { SimulatedNetwork } from "./rpc/local.ts";
import { Scope } from "./rpc/scope.ts";
import { openServices, type RunningServices } from "./run.ts";
import type { AnyService, ShopFacts } from "./service.ts";
import { PlatformConfig } from "./settings.ts";
import { traceFrom } from "./trace.ts";
import { anonymous, type Actor, type Role } from "./auth.ts";

/** The PostgreSQL that `npm test` starts. */
function adminUrl(): string {
  const url = process.env["TEST_DATABASE_URL"];
  if (!url)
    throw new Error(
      "Tests need TEST_DATABASE_URL. Run them with npm test, which starts a PostgreSQL of its own.",
    );
  return url;
}

/** A new database, dropped when the test file ends. Returns its URL. */
export async function testDatabaseUrl(name: string): Promise<string> {
  const database = `test_${name}_${randomCode(10).toLowerCase()}`;
  const role = database;
  const password = randomCode(24);
  await provisionDatabase({ adminUrl: adminUrl(), database, role, password });
  after(async () => await dropDatabase({ adminUrl: adminUrl(), database, role }));
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  url.username = role;
  url.password = password;
  return url.href;
}

/** A migrated database of one service, with an open pool; both are gone when the test file ends. */
export async function testDatabase(service: AnyService, connectionsMax = 10): Promise<Database> {
  const url = await testDatabaseUrl(service.name);
  await migrateService(service, url);
  const db = openDatabase({ url, name: service.name, connectionsMax, clock: systemClock, log: silentLog });
  after(async () => await db.close());
  return db;
}

export interface TestServices extends RunningServices {
  /** A client that calls as another service of the shop. */
  as<S extends DescService>(descriptor: S, service: string, caller?: string): Client<S>;
}

export interface TestServicesOptions {
  readonly environment?: Environment;
  readonly clock?: Clock;
  readonly startWork?: boolean;
  readonly network?: SimulatedNetwork;
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
    environment: options.environment ?? {},
    config: readConfig(PlatformConfig, { LOG_LEVEL: "silent", DATABASE_POOL_MAX: "10" }),
    home: async ({ name }) => await testDatabaseUrl(name),
    shop: testShop,
    flags: { isOn: (name) => Promise.resolve(name !== "MAINTENANCE_MODE") },
    clock: options.clock ?? systemClock,
    log: silentLog,
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

const testShop: ShopFacts = {
  isEmbedded: true,
  apiUrl: () => "http://127.0.0.1:0",
  serviceKey: "a-key-that-only-tests-know-0123456789",
  rateLimits: false,
  health: () => Promise.resolve([]),
};

/** A call as a handler sees it, for tests that call handlers directly. */
export function testCall(who: { service?: string; userId?: string; role?: Role } = {}): Call {
  const scope = new Scope(systemClock, 10_000);
  const trace = traceFrom(undefined);
  const requestId = newId();
  return {
    actor: testActor(who),
    service: who.service,
    requestId,
    trace,
    scope,
    log: silentLog,
    onward: { requestId, trace, scope },
  };
}

function testActor({ userId, role = "customer" }: { userId?: string; role?: Role }): Actor {
  if (userId === undefined) return anonymous;
  const issuedAtMs = systemClock.now().getTime();
  const token = { id: newId(), userId, role, issuedAtMs, expiresAtMs: issuedAtMs + 3_600_000 };
  return { kind: "user", userId, role, token };
}

/** A clock that moves only when it is told to; timers fire as it passes them. */
export class TestClock implements Clock {
  #nowMs: number;
  #timers: { atMs: number; callback: () => void }[] = [];

  constructor(start = new Date("2030-01-01T00:00:00Z")) {
    this.#nowMs = start.getTime();
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.after(ms, resolve);
      const onAbort = () => {
        timer.stop();
        reject(new Error("The wait was stopped."));
      };
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  after(ms: number, callback: () => void): { stop(): void } {
    const timer = { atMs: this.#nowMs + ms, callback };
    this.#timers.push(timer);
    return { stop: () => (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  /** Moves on by `ms`, firing timers in order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
    }
    this.#nowMs = endMs;
  }
}

/** Waits until `isTrue`, or fails with `what` after ten seconds. */
export async function eventually(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const untilMs = systemClock.monotonicMs() + 10_000;
  while (!(await isTrue())) {
    if (systemClock.monotonicMs() > untilMs) throw new Error(`Waited ten seconds in vain until ${what}.`);
    await systemClock.sleep(20);
  }
}
