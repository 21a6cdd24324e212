/**
 * What the audit costs in a shop with a past: makes a shop with `--orders N` (default 1,000,000) in the books of all services,
 * then measures a look after `--changed N` (default 1,000) new orders, and one walk through everything. Prints a table and
 * "N passed, N failed": a look must cost less than 1 s of processor time and 50 MiB, and the shop must be found sound. With
 * `--small` few orders, and only the books are judged. With `--folder DIR` the shop stays there, and one that is there already
 * is measured as it is.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { randomSecret } from "#platform/kit/ids.ts";
import { openShop } from "#platform/kit/program.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { embeddedHome } from "#platform/database/database-home.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { auditedServices } from "../audit/config.ts";
import { nodeOptionsOf } from "../commands/node-options.ts";
import { shop as file } from "../shop.ts";
import { writeManyOrders } from "../test/lab/many-orders.ts";
import type { Measured } from "./audit-process.ts";
import { figure, formatTable, share, type Row } from "./table.ts";

const { values: options } = parseArgs({
  options: {
    orders: { type: "string" },
    changed: { type: "string" },
    looks: { type: "string" },
    small: { type: "boolean", default: false },
    folder: { type: "string" },
  },
});
const orders = Number(options.orders ?? (options.small ? 5_000 : 1_000_000));
const changed = Number(options.changed ?? (options.small ? 200 : 1_000));
const looks = Number(options.looks ?? (options.small ? 1 : 3));
const cpuGoalMs = 1_000;
const memoryGoalMiB = 50;
/** Written at a time, so that PostgreSQL sorts in memory. */
const sliceOrders = 50_000;
const yearMs = 365 * 86_400_000;

const databaseOf = new Map(
  await Promise.all(file.services.map(async ({ name, load }) => [name, (await load()).database] as const)),
);

const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "stoa-bench-audit-")));
const postgres = await startEmbeddedPostgres({
  dataDir: folder,
  log: { info: () => undefined, error: (message) => console.error(message) },
  // The audit only reads; what the disk does to those who write is not measured here.
  fsync: false,
});
let failed = 0;
/** The number of the last order that was written. */
let written = await lastNumber();
try {
  await openOnce(postgres);
  if (written === 0) await writePast();
  await measureAll(postgres);
} finally {
  await postgres.stop();
  if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
}
process.exit(failed > 0 ? 1 : 0);

/** Makes databases and demo goods, or brings those that are there up to date. */
async function openOnce(server: EmbeddedPostgres): Promise<void> {
  const environment = { LOG_LEVEL: "silent", DRAIN_SECONDS: "1" };
  const shop = await openShop({
    file,
    environment,
    config: readConfig(PlatformConfig, environment),
    home: embeddedHome(server),
    isEmbedded: true,
    serviceKey: randomSecret(),
    host: "127.0.0.1",
    httpPort: 0,
    operationsPort: undefined,
    grpcPort: 0,
    clock: systemClock,
    log: silentLog,
  });
  await shop.close();
}

/** Two years of orders. */
async function writePast(): Promise<void> {
  const stepMs = Math.max(1, Math.floor((2 * yearMs) / orders));
  const beginMs = systemClock.now().getTime() - orders * stepMs - 86_400_000;
  for (let from = 1; from <= orders; from += sliceOrders) {
    const to = Math.min(orders, from + sliceOrders - 1);
    await writeManyOrders({ superuserUrl, from, to, firstMs: beginMs + (from - 1) * stepMs, stepMs });
    written = to;
    console.log(`  ${to.toLocaleString("en")} of ${orders.toLocaleString("en")} orders are in the books.`);
  }
}

/** Of a shop that is there already; 0 when there is none. */
async function lastNumber(): Promise<number> {
  const client = new pg.Client({ connectionString: superuserUrl("order") });
  try {
    await client.connect();
    const { rows } = await client.query<{ last: string | null }>(
      "select substr(max(order_number), 3) as last from orders where order_number ~ '^S-[0-9]{10}$'",
    );
    return Number(rows[0]?.last ?? 0);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === "3D000") return 0;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function superuserUrl(service: string): string {
  return postgres.urlFor(databaseOf.get(service) ?? "");
}

async function measureAll(server: EmbeddedPostgres): Promise<void> {
  const home = embeddedHome(server);
  const urls: { [service: string]: string } = {};
  for (const { name, load } of file.services)
    if ((auditedServices as readonly string[]).includes(name)) urls[name] = await home(await load());
  const auditing = fork(new URL("audit-process.ts", import.meta.url), {
    execArgv: [...nodeOptionsOf("audit")],
    env: { ...process.env, AUDIT_URLS: JSON.stringify(urls) },
  });
  const ended = once(auditing, "exit").then(() => [null]);
  const ask = async (what: "look" | "everything"): Promise<Measured> => {
    auditing.send(what);
    const [measured] = (await Promise.race([once(auditing, "message"), ended])) as [Measured | null];
    if (!measured)
      throw new Error("The auditing process ended before it answered. Its own words stand above.");
    for (const violation of measured.violations) console.log(`FAILED ${violation}`);
    failed += measured.violations.length;
    return measured;
  };
  const first = await ask("look");
  // Its time goes with what the last hour was; its memory does not.
  judge({ ...first, cpuMs: 0 });
  const rows = [row("first look of a process", first)];
  for (let look = 0; look < looks; look += 1) {
    const firstMs = systemClock.now().getTime() - 60_000;
    await writeManyOrders({ superuserUrl, from: written + 1, to: written + changed, firstMs, stepMs: 1 });
    written += changed;
    const measured = await ask("look");
    judge(measured);
    rows.push(row(`look ${look + 1}, ${changed.toLocaleString("en")} orders changed`, measured));
  }
  rows.push(row("everything once", await ask("everything")));
  auditing.disconnect();
  console.log(`\n${formatTable(rows.flat())}\n`);
  console.log(failed === 0 ? `${looks} passed, 0 failed` : `0 passed, ${failed} failed`);
}

function judge({ cpuMs, growthMiB }: Measured): void {
  if (options.small || (cpuMs < cpuGoalMs && growthMiB < memoryGoalMiB)) return;
  console.log(`FAILED a look took ${figure(cpuMs, "ms")} and ${figure(growthMiB, "MiB")}`);
  failed += 1;
}

function row(what: string, { cpuMs, wallMs, growthMiB, rows }: Measured): Row[] {
  const isLook = what.startsWith("look");
  const goal = (value: number, of: number, unit: string) =>
    isLook ? { limit: `goal: ${figure(of, unit)}`, ratio: share(value / of) } : { limit: "", ratio: "" };
  return [
    { what: `${what}: processor`, figure: figure(cpuMs, "ms"), ...goal(cpuMs, cpuGoalMs, "ms") },
    { what: `${what}: memory`, figure: figure(growthMiB, "MiB"), ...goal(growthMiB, memoryGoalMiB, "MiB") },
    {
      what: `${what}: time, rows`,
      figure: `${figure(wallMs / 1_000, "s")}, ${rows.toLocaleString("en")} rows`,
      limit: "",
      ratio: "",
    },
  ];
}
