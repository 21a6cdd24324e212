// The program as people start it: how long the second start takes, and how much memory it holds after a thousand orders.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import { openDatabase } from "#platform/database/db.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { connectRunningPostgres } from "#platform/postgres/running-postgres.ts";
import { orderBody, stockUp } from "./buyers.ts";
import { requireOnly, type LoadProcess } from "./load.ts";
import { figure, share, type Row } from "./table.ts";

const startGoalMs = 10_000;
const memoryGoalMiB = 350;

export async function benchFootprint(load: LoadProcess, { orders }: { orders: number }): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-bench-start-"));
  const [port = 0, grpcPort = 0] = await freePorts(2);
  const ports = [port, grpcPort] as const;
  try {
    const first = await start(folder, ports);
    await stop(first.child);
    const second = await start(folder, ports);
    try {
      await placeOrders(load, second.origin, folder, orders);
      const bytes = await residentBytes(second.origin);
      const mebibytes = bytes / 1024 ** 2;
      return [
        goalRow("first start to /ready", first.ms, "ms", undefined),
        goalRow("second start to /ready", second.ms, "ms", startGoalMs),
        goalRow(`memory after ${orders.toLocaleString("en")} orders`, mebibytes, "MiB", memoryGoalMiB),
      ];
    } finally {
      await stop(second.child);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function goalRow(what: string, value: number, unit: string, goal: number | undefined): Row {
  if (goal === undefined) return { what, figure: figure(value, unit), limit: "", ratio: "" };
  return {
    what,
    figure: figure(value, unit),
    limit: `goal: ${figure(goal, unit)}`,
    ratio: share(value / goal),
  };
}

async function start(folder: string, [port, grpcPort]: readonly [number, number]) {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, "../main.ts"), "serve", "all"], {
    env: {
      ...process.env,
      STOA_DATA: folder,
      PORT: String(port),
      GRPC_PORT: String(grpcPort),
      RATE_LIMIT: "off",
      LOG_LEVEL: "error",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const origin = `http://127.0.0.1:${port}`;
  while (!(await isReady(origin))) {
    if (child.exitCode !== null)
      throw new Error(`serve all ended with code ${child.exitCode} before it was ready.`);
    await systemClock.sleep(20);
  }
  return { child, origin, ms: performance.now() - startedMs };
}

async function isReady(origin: string): Promise<boolean> {
  return await fetch(`${origin}/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

async function placeOrders(load: LoadProcess, origin: string, folder: string, orders: number): Promise<void> {
  const running = await connectRunningPostgres(join(folder, "postgres"));
  if (!running) throw new Error("The shop is ready, but its PostgreSQL was not found.");
  const url = running.urlFor("products_db");
  const catalog = openDatabase({ url, name: "bench", connectionsMax: 1, clock: systemClock, log: silentLog });
  const productIds = await stockUp(catalog);
  await catalog.close();
  const guest = (await (await fetch(`${origin}/api/users/guest`, { method: "POST" })).json()) as {
    token: string;
  };
  const requests = productIds.map((productId) => ({
    method: "POST",
    path: "/api/orders",
    headers: { authorization: `Bearer ${guest.token}` },
    body: JSON.stringify({ ...orderBody, items: [{ productId, quantity: 1 }] }),
  }));
  requireOnly(await load.run({ origin, requests, count: orders, parallel: 16 }), "201");
}

async function residentBytes(origin: string): Promise<number> {
  const metrics = await (await fetch(`${origin}/metrics`)).text();
  const bytes = /^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1];
  if (bytes === undefined) throw new Error("The metrics of the shop do not tell its memory.");
  return Number(bytes);
}
