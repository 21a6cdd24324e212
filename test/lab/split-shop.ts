// `serve split` as people start it: a launcher and a process for each service, to be killed from outside.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { embeddedHome } from "#platform/database/database-home.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { connectRunningPostgres } from "#platform/postgres/running-postgres.ts";
import { services } from "../../shop.ts";
import { freePorts } from "#platform/kit/free-ports.ts";

export interface SplitShopOptions {
  /** Used again by the next start; without it, a new one that `close` removes. */
  readonly folder?: string;
  readonly environment?: Record<string, string>;
  /** `all` is the same shop in one process. */
  readonly role?: "split" | "all";
}

export type SplitShop = Awaited<ReturnType<typeof openSplitShop>>;

const openTimeoutMs = 180_000;
const program = new URL("../../main.ts", import.meta.url).pathname;

/** Starts the split shop and waits until it is open. */
export async function openSplitShop(options: SplitShopOptions = {}) {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "stoa-split-")));
  const [port = 0, grpcPort = 0] = await freePorts(2);
  const launcher = spawn(process.execPath, [program, "serve", options.role ?? "split"], {
    env: {
      ...process.env,
      LOG_LEVEL: "fatal",
      RATE_LIMIT: "off",
      ...options.environment,
      STOA_DATA: folder,
      PORT: String(port),
      GRPC_PORT: String(grpcPort),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  launcher.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = once(launcher, "exit");
  const pids = () => processesOf(launcher.pid ?? 0);
  const databases = new Map<string, Database>();
  try {
    await untilSaid(() => said, "The shop is open", launcher);
  } catch (error) {
    // Otherwise it goes on, and keeps the test's own process from ending.
    launcher.kill("SIGTERM");
    await ended;
    throw error;
  }
  return {
    folder,
    origin: `${options.environment?.["HTTP_TLS"] === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    grpcPort,
    said: () => said,
    /** The running processes, by service name. */
    pids,
    /** Every service's own database, opened when first asked for. */
    databases: async () => {
      if (databases.size === 0) await openAuditors(folder, databases);
      return databases;
    },
    /** Sends a signal to the launcher alone and waits for its end. */
    end: async (signal: NodeJS.Signals) => {
      launcher.kill(signal);
      await ended;
    },
    close: async () => {
      await Promise.all([...databases.values()].map((db) => db.close()));
      if (launcher.exitCode === null && launcher.signalCode === null) launcher.kill("SIGTERM");
      await ended;
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Which services run as children of the launcher. */
function processesOf(launcherPid: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n")) {
    const [, pid, parent, name] = /^\s*(\d+)\s+(\d+)\s.*main\.ts serve (\w+)(?: --quiet)?$/.exec(line) ?? [];
    if (Number(parent) === launcherPid && name !== undefined) found.set(name, Number(pid));
  }
  return found;
}

async function openAuditors(folder: string, databases: Map<string, Database>): Promise<void> {
  const server = await connectRunningPostgres(join(folder, "postgres"));
  if (!server) throw new Error(`No PostgreSQL runs on ${folder}.`);
  const home = embeddedHome(server);
  for (const { name, load } of services) {
    const definition = await load();
    if (definition.database === undefined) continue;
    const url = await home(definition);
    databases.set(
      name,
      openDatabase({ url, name: `audit-${name}`, connectionsMax: 2, clock: systemClock, log: silentLog }),
    );
  }
}

async function untilSaid(said: () => string, words: string, launcher: { exitCode: number | null }) {
  const untilMs = systemClock.monotonicMs() + openTimeoutMs;
  while (!said().includes(words)) {
    if (launcher.exitCode !== null || systemClock.monotonicMs() > untilMs)
      throw new Error(`The split shop did not open. It said:\n${said()}`);
    await systemClock.sleep(50);
  }
}
