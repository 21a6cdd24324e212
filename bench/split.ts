// The same visit in the shop of one process and in the shop of a process for each service: processor time of all Node processes, and how long
// a request takes. In turns, by the same visitors.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import { newId } from "#platform/kit/ids.ts";
import { openLinkedShop } from "../test/lab/linked-shop.ts";
import { order } from "../test/lab/rest-buyer.ts";
import { closedLoop, median, percentile } from "./measure.ts";
import { figure, times, type Row } from "./table.ts";

export interface SplitBench {
  readonly rounds: number;
  readonly visits: number;
}

interface Subject {
  readonly origin: string;
  readonly pids: readonly number[];
}

interface Round {
  readonly cpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const visitorsAtOnce = 4;
const product = "6E92ZMYYFZ";

export async function benchSplit({ rounds, visits }: SplitBench): Promise<Row[]> {
  const whole = await openWhole();
  const split = await openLinkedShop({ environment: { DATABASE_POOL_MAX: "10" } });
  try {
    const pids = split.processes.flatMap(({ pid }) => pid ?? []);
    const subjects = { whole, split: { origin: split.origin, pids } };
    const found = { whole: [] as Round[], split: [] as Round[] };
    for (let round = -1; round < rounds; round += 1)
      for (const name of ["whole", "split"] as const) {
        const measured = await measure(subjects[name], visits);
        // The first one warms up.
        if (round >= 0) found[name].push(measured);
      }
    const row = (what: string, unit: string, of: keyof Round): Row => ({
      what: `a visit, split: ${what}`,
      figure: figure(median(found.split.map((round) => round[of])), unit),
      limit: `in one process: ${figure(median(found.whole.map((round) => round[of])), unit)}`,
      ratio: times(
        median(found.split.map((round, index) => round[of] / (found.whole[index]?.[of] ?? Number.NaN))),
      ),
    });
    return [
      row("processor time", "ms CPU", "cpuMs"),
      row("a request, p50", "ms", "p50Ms"),
      row("a request, p99", "ms", "p99Ms"),
    ];
  } finally {
    await Promise.all([whole.close(), split.close()]);
  }
}

async function measure({ origin, pids }: Subject, visits: number): Promise<Round> {
  const tookMs: number[] = [];
  const before = await cpuMsOf(pids);
  await closedLoop({ count: visits, parallel: visitorsAtOnce }, () => visit(origin, tookMs));
  const cpuMs = ((await cpuMsOf(pids)) - before) / visits;
  return { cpuMs, p50Ms: percentile(tookMs, 0.5), p99Ms: percentile(tookMs, 0.99) };
}

/** Looks around, fills a cart, buys, and looks at what was bought. */
async function visit(origin: string, tookMs: number[]): Promise<void> {
  let token = "";
  const ask = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const beganMs = systemClock.monotonicMs();
    const answer = await fetch(origin + path, {
      method,
      headers: {
        ...(body ? { "content-type": "application/json" } : {}),
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(path === "/api/orders" && body ? { "idempotency-key": newId() } : {}),
      },
      body: body ? JSON.stringify(body) : null,
    });
    const text = await answer.text();
    tookMs.push(systemClock.monotonicMs() - beganMs);
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text.slice(0, 200)}`);
    return text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {};
  };
  await ask("GET", "/");
  await ask("GET", "/api/products?limit=12");
  await ask("GET", `/product/${product}`);
  token = String((await ask("POST", "/api/users/guest"))["token"]);
  await ask("POST", "/api/cart/me/items", { productId: product, quantity: 1 });
  await ask("GET", "/api/cart/me");
  await ask("POST", "/api/orders", order);
  await ask("GET", "/api/orders");
}

/** The shop as `serve all` runs it, with an embedded PostgreSQL of its own, as the split one has. */
async function openWhole(): Promise<Subject & { close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-bench-whole-"));
  const [port = 0, grpcPort = 0] = await freePorts(2);
  const child = spawn(process.execPath, [join(import.meta.dirname, "../main.ts"), "serve", "all"], {
    env: {
      ...process.env,
      STOA_DATA: folder,
      PORT: String(port),
      GRPC_PORT: String(grpcPort),
      RATE_LIMIT: "off",
      LOG_LEVEL: "error",
      AUDIT_SECONDS: "0",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  const origin = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${origin}/ready`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null) throw new Error("serve all ended before it was ready.");
    await systemClock.sleep(50);
  }
  return {
    origin,
    pids: [child.pid ?? 0],
    close: async () => {
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A hundredth of a second, everywhere Linux runs (proc(5), USER_HZ). */
const tickMs = 10;

/** Processor time that these processes have used so far. Linux only. */
async function cpuMsOf(pids: readonly number[]): Promise<number> {
  const used = await Promise.all(
    pids.map(async (pid) => {
      const [, rest = ""] = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ");
      const [user = 0, system = 0] = rest.split(" ").slice(11, 13).map(Number);
      return (user + system) * tickMs;
    }),
  );
  return used.reduce((sum, ms) => sum + ms, 0);
}
