/**
 * A shop of two replicas a service is updated while people visit it: every replica is restarted in turn, one service gets a release with
 * another column and is rolled back, and no request may fail. The edges stand behind HAProxy; the services inside find each other by
 * name, and a restarted replica has another address, as in a cluster. `--requests N` (at least; default 20000), `--rate N` acts a second
 * (default 110), `--only cart,order` restarts these alone. Prints a table and "N passed, N failed".
 */
import { parseArgs } from "node:util";
import { audit, booksOf } from "../../audit/audit.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { services } from "../../shop.ts";
import { contradictions } from "../lab/history.ts";
import { openLinkedShop, type LinkedShop } from "../lab/linked-shop.ts";
import { openNameServer } from "../lab/name-server.ts";
import { buyOverRest } from "../lab/rest-buyer.ts";
import { untilAtRest } from "../lab/rest.ts";
import type { ShopProcess } from "../lab/shop-process.ts";
import { openHaproxy } from "./haproxy.ts";
import { beginLoad, type Load } from "./load.ts";
import { changedService, makeNextRelease } from "./new-release.ts";
import { startGently } from "./start-gently.ts";

const { values: options } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    rate: { type: "string", default: "110" },
    only: { type: "string", default: services.map(({ name }) => name).join(",") },
  },
});
const requestsMin = Number(options.requests);
/** Only then is there the new column to ask for. */
const isUpdated = options.only.split(",").includes(changedService);
/** A replica counts as available after it has been ready for so long (minReadySeconds): who sends to it has noticed by then. */
const availableAfterMs = 1_000;
const loadLongestMs = 600_000;
const names = await openNameServer();
const ports = await freePorts(3);
const edges = new Map(["gateway", "storefront", "admin"].map((name, index) => [name, ports[index] ?? 0]));
const origin = `http://127.0.0.1:${edges.get("gateway")}`;
const failures: string[] = [];
let restarts = 0;
let hosts = 2;

const startedMs = systemClock.monotonicMs();
const next = await makeNextRelease();
const shop = await openLinkedShop({
  isStarted: false,
  replicas: Object.fromEntries(services.map(({ name }) => [name, 2])),
  addressOf: (service, _hosts, port) => `dns://127.0.0.1:${names.port}/${service}.shop:${port}`,
  environment: {
    ...Object.fromEntries(
      [...edges].map(([name, port]) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1:${port}`]),
    ),
    SHOP_URL: origin,
    // Names are asked of the server that the address says, not of the machine.
    GRPC_NODE_USE_ALTERNATIVE_RESOLVER: "true",
    DATABASE_POOL_MAX: "3",
    DRAIN_DELAY_SECONDS: "2",
  },
});
const haproxy = await openHaproxy(
  shop.folder,
  [...edges].map(([name, port]) => ({ name, port, replicas: shop.replicasOf(name) })),
);
let load: Load | undefined;
try {
  for (const { name } of services) tellNames(name);
  await shop.startAll();
  console.log(`${shop.processes.length} processes are ready after ${secondsSince(startedMs)} s.`);
  const first = await buyOverRest(origin, "6E92ZMYYFZ");
  if (first.answer.kind !== "acknowledged")
    throw new Error(`The shop does not sell: ${JSON.stringify(first)}`);
  load = beginLoad(origin, Number(options.rate));
  await rollAll(load);
  await untilEnough(load);
  await load.end();
  await judge(load).catch((error: unknown) => failures.push(String(error)));
  await printTable(load, shop);
} catch (error) {
  failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await load?.end();
  await haproxy.close();
  await shop.close();
  names.close();
  await next.remove();
}
for (const failure of failures.slice(0, 50)) console.log(`FAILED ${failure}`);
console.log(failures.length === 0 ? "1 passed, 0 failed" : "0 passed, 1 failed");
process.exit(failures.length === 0 ? 0 : 1);

async function rollAll(load: Load): Promise<void> {
  const old = shop.process(changedService).tree;
  for (const name of options.only.split(",")) {
    await rollOut(name, name === changedService ? next.tree : old);
    const what = name === changedService ? "has the next release" : "is restarted";
    console.log(`  ${name} ${what}, ${load.requests()} requests so far, ${load.failures.length} failed`);
  }
  if (!isUpdated) return;
  await rollOut(changedService, old);
  console.log(
    `  ${changedService} is rolled back, ${load.requests()} requests so far, ${load.failures.length} failed`,
  );
}

/** One replica after another. */
async function rollOut(service: string, tree: string): Promise<void> {
  for (const replica of shop.replicasOf(service)) {
    if (edges.has(service)) await restart(replica, tree);
    else await replace(replica, tree);
    restarts += 1;
  }
}

/** HAProxy knows the address; it learns from readiness that nobody is there for a while. */
async function restart(replica: ShopProcess, tree: string): Promise<void> {
  await replica.end();
  replica.tree = tree;
  await startGently(replica);
  await systemClock.sleep(availableAfterMs);
}

/** As a cluster does it: another one with an address of its own is ready before the old one is told to end. */
async function replace(old: ShopProcess, tree: string): Promise<void> {
  hosts += 1;
  const fresh = old.beside(`127.0.0.${hosts}`);
  fresh.tree = tree;
  shop.processes.push(fresh);
  await startGently(fresh);
  tellNames(old.service, [old]);
  await old.end();
  shop.processes.splice(shop.processes.indexOf(old), 1);
}

/** A name has the addresses of all replicas but those that are about to end. */
function tellNames(service: string, ending: readonly ShopProcess[] = []): void {
  const replicas = shop.replicasOf(service).filter((replica) => !ending.includes(replica));
  names.set(
    `${service}.shop`,
    replicas.map(({ host }) => host),
  );
}

async function untilEnough(load: Load): Promise<void> {
  const untilMs = startedMs + loadLongestMs;
  while (load.requests() < requestsMin && systemClock.monotonicMs() < untilMs) await systemClock.sleep(100);
}

async function judge(load: Load): Promise<void> {
  for (const { at, what, outcome } of load.failures)
    failures.push(`${at} ${what}: ${outcome.replaceAll(/\s+/g, " ")}`);
  if (load.requests() < requestsMin)
    failures.push(`only ${load.requests()} requests were made, not ${requestsMin}`);
  const databases = shop.databases();
  await untilAtRest({ databases });
  const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
  for (const { invariant, violations } of findings)
    failures.push(...violations.map((line) => `${invariant.id}: ${line}`));
  failures.push(...(await contradictions({ databases }, load.attempts)));
  if (!isUpdated) return;
  const { packed, plain } = await parcels(shop);
  if (packed === 0) failures.push("the next release has written nothing");
  if (plain === 0) failures.push("the old release has written nothing");
}

async function parcels(shop: LinkedShop): Promise<{ packed: number; plain: number }> {
  const row = await shop
    .databases()
    .get("shipping")
    ?.row<{ packed: number; plain: number }>(
      "select count(packed_by)::int as packed, count(*) filter (where packed_by is null)::int as plain from shipments",
    );
  return row ?? { packed: 0, plain: 0 };
}

async function printTable(load: Load, shop: LinkedShop): Promise<void> {
  const sorted = [...load.took()].sort((one, other) => one - other);
  const quantile = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  const acknowledged = load.attempts.filter(({ answer }) => answer.kind === "acknowledged").length;
  const written = isUpdated ? await parcels(shop) : undefined;
  const rows = [
    `| requests | ${load.requests()} |`,
    `| failed | ${load.failures.length} |`,
    `| replicas restarted | ${restarts} |`,
    `| orders acknowledged | ${acknowledged} |`,
    ...(written
      ? [`| parcels written by the next release, and by the old one | ${written.packed}, ${written.plain} |`]
      : []),
    `| p50, p99, longest (ms) | ${quantile(0.5)}, ${quantile(0.99)}, ${Math.round(sorted.at(-1) ?? 0)} |`,
    `| seconds | ${secondsSince(startedMs)} |`,
  ];
  console.log(["", "| a rollout under load | |", "| --- | --- |", ...rows, ""].join("\n"));
}

function secondsSince(ms: number): number {
  return Math.round((systemClock.monotonicMs() - ms) / 1000);
}
