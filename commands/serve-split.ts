// The whole constellation on one machine: an embedded PostgreSQL, one process for each service, one origin.
import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { pause, systemClock } from "#platform/clock.ts";
import { readConfig, type ConfigOf, type Environment } from "#platform/config.ts";
import { randomSecret } from "#platform/ids.ts";
import { openGrpcFront } from "#platform/rpc/grpc-front.ts";
import type { AnyService } from "#platform/service.ts";
import { PlatformConfig } from "#platform/settings.ts";
import { StartError } from "#platform/start-error.ts";
import { services } from "../services/index.ts";
import { grpcContracts } from "./grpc-contracts.ts";
import type { CommandContext } from "./index.ts";
import { openDatabases } from "./open-databases.ts";

interface Seat {
  readonly name: string;
  readonly definition: AnyService;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly operationsPort: number;
}

const restartPauseMs = 500;
const readyTimeoutMs = 60_000;

/** Runs until a signal; a service that dies is started again, as a cluster would. */
export async function serveSplit({ environment, print, stop }: CommandContext): Promise<void> {
  const config = readConfig(PlatformConfig, environment);
  const databases = await openDatabases({ config, environment, print });
  const ending = new AbortController();
  try {
    const seats = await takeSeats(config.PORT);
    const shared = sharedEnvironment(config, environment, seats);
    const keepers: Promise<void>[] = [];
    for (const seat of seats) {
      const own = await seatEnvironment(seat, config, databases.home);
      keepers.push(keepRunning(seat, { ...shared, ...own }, ending.signal, print));
      await untilReady(seat, ending.signal);
      print(`${seat.name} is ready (process of its own).`);
    }
    const front = await openFront(config, seats);
    print(`\n  The shop is open: http://localhost:${config.PORT}/   gRPC on ${front.port}\n`);
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener("abort", () => resolve(), { once: true });
    });
    print("Ending: every service finishes its requests first.");
    await front.close(config.DRAIN_SECONDS * 1000);
    ending.abort();
    await Promise.all(keepers);
  } finally {
    ending.abort();
    await databases.stop();
  }
  print("Everything has ended.");
}

/** The front door for gRPC: one port that hands each call to the process that answers it. */
async function openFront(config: ConfigOf<typeof PlatformConfig>, seats: readonly Seat[]) {
  return await openGrpcFront({
    host: config.HOST ?? "127.0.0.1",
    port: config.GRPC_PORT,
    contracts: seats.flatMap(({ name, grpcPort }) =>
      (grpcContracts[name] ?? []).map((descriptor) => ({ descriptor, url: `127.0.0.1:${grpcPort}` })),
    ),
    clock: systemClock,
  });
}

async function takeSeats(publicPort: number): Promise<Seat[]> {
  const ports = await freePorts(services.length * 3);
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
  return seats;
}

function sharedEnvironment(
  config: ConfigOf<typeof PlatformConfig>,
  environment: Environment,
  seats: readonly Seat[],
): Record<string, string | undefined> {
  const urls = Object.fromEntries(
    seats.map(({ name, grpcPort }) => [`${name.toUpperCase()}_URL`, `127.0.0.1:${grpcPort}`]),
  );
  const storefront = seats.find(({ name }) => name === "storefront");
  return {
    ...environment,
    ...urls,
    GATEWAY_URL: `http://127.0.0.1:${config.PORT}`,
    STOREFRONT_URL: `http://127.0.0.1:${storefront?.httpPort}`,
    // The gateway stands before it and says where a request came from.
    STOREFRONT_TRUSTED_PROXIES: "1",
    SERVICE_KEY: config.SERVICE_KEY?.reveal() ?? randomSecret(),
    CATALOG_DEMO: environment["CATALOG_DEMO"] ?? "true",
    DATABASE_POOL_MAX: environment["DATABASE_POOL_MAX"] ?? "8",
  };
}

async function seatEnvironment(
  seat: Seat,
  config: ConfigOf<typeof PlatformConfig>,
  home: (service: AnyService) => Promise<string>,
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

/** Starts the service again whenever it ends, until `signal` aborts; then ends it and waits. */
async function keepRunning(
  seat: Seat,
  environment: Record<string, string | undefined>,
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    const child = startService(seat.name, environment);
    const end = () => child.kill("SIGTERM");
    signal.addEventListener("abort", end, { once: true });
    await ended(child);
    signal.removeEventListener("abort", end);
    if (signal.aborted) return;
    print(
      `${seat.name} has ended by itself (${child.signalCode ?? `code ${child.exitCode}`}); it is started again.`,
    );
    await pause(systemClock, restartPauseMs, signal);
  }
}

function startService(name: string, environment: Record<string, string | undefined>): ChildProcess {
  const program = new URL("../main.ts", import.meta.url).pathname;
  // A group of its own: Ctrl-C reaches this process alone, which then ends the services in order.
  return spawn(process.execPath, [program, "serve", name], {
    env: environment,
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}

async function untilReady({ name, operationsPort }: Seat, signal: AbortSignal): Promise<void> {
  const untilMs = systemClock.monotonicMs() + readyTimeoutMs;
  while (!signal.aborted) {
    const answer = await fetch(`http://127.0.0.1:${operationsPort}/ready`).catch(() => undefined);
    if (answer?.ok) return;
    if (systemClock.monotonicMs() > untilMs) {
      throw new StartError(
        `The ${name} service was not ready within ${readyTimeoutMs / 1000} s. Its own words stand above.`,
      );
    }
    await pause(systemClock, 50, signal);
  }
}

/** Ports nobody listens on now. All are held open until the last is found, so that none is given twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", () => resolve());
      });
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
