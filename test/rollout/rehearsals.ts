/**
 * The three ways to roll out, on one machine with real processes behind HAProxy, under load, by the same steps and the same judge as in a
 * cluster: a good version of the gateway (blue-green), the storefront (canary) and the admin pages (rolling) comes and goes back without
 * one failed request; a version that fails or is slow is taken back by itself. `--requests N` (at least; default 20000), `--observe S`
 * seconds a step is looked at (default 10), `--only canary,rolling`. Prints a table and "N passed, N failed".
 */
import { parseArgs } from "node:util";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import { usualLimits } from "../../rollout/judge.ts";
import { ReadingObserver } from "../../rollout/observe.ts";
import type { Strategy } from "../../rollout/plan.ts";
import { promote, rollOut, takeBack, usualTiming, type Rollout } from "../../rollout/run.ts";
import { openLinkedShop, type LinkedShop } from "../lab/linked-shop.ts";
import { buyOverRest } from "../lab/rest-buyer.ts";
import { makeReleases } from "./bad-release.ts";
import { HaproxyAdmin } from "./haproxy-admin.ts";
import { HaproxyDriver, type Seat } from "./haproxy-driver.ts";
import { adminSocketName, openHaproxy } from "./haproxy.ts";
import { beginLoad, type Failure } from "./load.ts";
import { beginVisits } from "./page-visits.ts";
import { startGently } from "./start-gently.ts";
import { countWeights, type Counted } from "./weights.ts";

const { values: options } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    observe: { type: "string", default: "10" },
    only: { type: "string", default: "blueGreen,canary,rolling" },
  },
});
const requestsMin = Number(options.requests);
const badWithinSeconds = 60;
const longestMs = 900_000;

interface Behind {
  readonly service: string;
  readonly strategy: Strategy;
  readonly replicas: number;
  readonly slots: readonly string[];
  readonly tried: readonly string[];
}

const behind: readonly Behind[] = [
  {
    service: "gateway",
    strategy: "blueGreen",
    replicas: 3,
    slots: ["blue", "green"],
    tried: ["/ready", "/api/products?limit=1"],
  },
  { service: "storefront", strategy: "canary", replicas: 3, slots: ["v1", "v2"], tried: [] },
  { service: "admin", strategy: "rolling", replicas: 2, slots: [""], tried: [] },
];

const failures: string[] = [];
const rows: string[] = [];
let passed = 0;
const startedMs = systemClock.monotonicMs();
const ports = await freePorts(behind.length);
const origins = new Map(behind.map(({ service }, at) => [service, `http://127.0.0.1:${ports[at]}`]));
const releases = await makeReleases(["next", "failing", "slow", "broken"]);
const shop = await openLinkedShop({
  isStarted: false,
  environment: {
    ...Object.fromEntries([...origins].map(([name, origin]) => [`${name.toUpperCase()}_URL`, origin])),
    SHOP_URL: originOf("gateway"),
    DATABASE_POOL_MAX: "3",
    DRAIN_DELAY_SECONDS: "2",
  },
});
const seats = new Map(behind.map((one) => [one.service, seatsOf(shop, one)]));
const haproxy = await openHaproxy(
  shop.folder,
  behind.map(({ service }, at) => ({
    name: service,
    port: ports[at] ?? 0,
    replicas: (seats.get(service) ?? []).map(({ name, process }) => ({
      name,
      host: process.host,
      httpPort: process.httpPort,
      operationsPort: process.operationsPort,
      isIdle: true,
    })),
  })),
);
const admin = new HaproxyAdmin(`${shop.folder}/${adminSocketName}`);
let endLoad: () => Promise<void> = async () => undefined;
try {
  const drivers = new Map(behind.map((one) => [one.strategy, driverOf(one)]));
  for (const process of shop.processes) if (!origins.has(process.service)) await startGently(process);
  for (const driver of drivers.values()) await driver.open();
  const first = await buyOverRest(originOf("gateway"), "6E92ZMYYFZ");
  if (first.answer.kind !== "acknowledged")
    throw new Error(`The shop does not sell: ${JSON.stringify(first)}`);
  console.log(`The shop sells after ${secondsSince(startedMs)} s.`);
  const load = beginLoad(originOf("gateway"), 30);
  const visits = [
    beginVisits(originOf("storefront"), ["/", "/product/6E92ZMYYFZ"], 16),
    beginVisits(originOf("admin"), ["/admin/login"], 10),
  ];
  endLoad = async () => {
    await Promise.all([load.end(), ...visits.map((one) => one.end())]);
  };
  const seen: Seen = {
    failures: () => [...load.failures, ...visits.flatMap((one) => one.failures)],
    requests: () => load.requests() + visits.reduce((sum, one) => sum + one.requests(), 0),
  };
  let isFirst = true;
  while (isFirst || (seen.requests() < requestsMin && systemClock.monotonicMs() - startedMs < longestMs)) {
    for (const strategy of options.only.split(",")) {
      const driver = drivers.get(strategy as Strategy);
      if (driver === undefined) throw new Error(`There is no way ${strategy}.`);
      await rehearseGood(driver, seen);
      if (isFirst) await rehearseBad(driver, seen);
    }
    isFirst = false;
  }
  await endLoad();
  if (seen.requests() < requestsMin)
    failures.push(`only ${seen.requests()} requests were made, not ${requestsMin}`);
  rows.push(`| all of it | ${secondsSince(startedMs)} | ${seen.requests()} requests |`);
  console.log(["", "| rehearsal | seconds | what was seen |", "| --- | --- | --- |", ...rows, ""].join("\n"));
} catch (error) {
  failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await endLoad();
  await haproxy.close();
  await Promise.all([...seats.values()].flat().map(({ process }) => process.kill()));
  await shop.close();
  await releases.remove();
}
for (const failure of failures.slice(0, 50)) console.log(`FAILED ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);

interface Seen {
  failures(): readonly Failure[];
  requests(): number;
}

/** The version comes, and goes back, and people see nothing of it. */
async function rehearseGood(driver: HaproxyDriver, seen: Seen): Promise<void> {
  const { state } = await driver.read();
  const counting = state.strategy === "canary" ? countWeights(driver) : undefined;
  await withoutFailure(
    `${driver.service}: a good version`,
    seen,
    async () => await rollOut(rolloutOf(driver), "next"),
  );
  if (counting) {
    // Long enough at its last weight to be counted.
    await systemClock.sleep(2_000);
    judgeWeights(await counting.end());
  }
  await withoutFailure(
    `${driver.service}: back to the version before`,
    seen,
    async () => await takeBack(rolloutOf(driver)),
  );
  if (state.strategy !== "blueGreen") return;
  const pausing = { ...rolloutOf(driver), isPausing: true };
  await withoutFailure(`${driver.service}: switched, and switched back at once`, seen, async () => {
    await rollOut(pausing, "next");
    await promote(pausing);
    const beganMs = systemClock.monotonicMs();
    await takeBack(pausing);
    rows.push(`| ${driver.service}: the switch back alone | ${secondsSince(beganMs)} | |`);
  });
}

async function withoutFailure(what: string, seen: Seen, act: () => Promise<void>): Promise<void> {
  const [beganMs, before, requests] = [systemClock.monotonicMs(), seen.failures().length, seen.requests()];
  await act();
  const failed = seen.failures().slice(before);
  const told = `${seen.requests() - requests} requests, ${failed.length} failed`;
  console.log(`${what}: ${told}`);
  rows.push(`| ${what} | ${secondsSince(beganMs)} | ${told} |`);
  if (failed.length === 0) passed += 1;
  for (const { at, what: request, outcome } of failed) failures.push(`${what}: ${at} ${request}: ${outcome}`);
}

/** Three versions nobody should meet: each is gone within a minute, and the command says so. */
async function rehearseBad(driver: HaproxyDriver, seen: Seen): Promise<void> {
  const names =
    { gateway: ["failing"], storefront: ["slow"], admin: ["failing", "broken"] }[driver.service] ?? [];
  for (const name of names) {
    const what = `${driver.service}: a version that is ${name}`;
    const before = seen.failures().length;
    const [beganMs, { state }] = [systemClock.monotonicMs(), await driver.read()];
    const met = firstTraffic(driver, name);
    const said = await rollOut(rolloutOf(driver), name).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const seconds = met.since();
    met.stop();
    const failed = seen.failures().slice(before);
    const { state: now } = await driver.read();
    const isBack = JSON.stringify(now.slots[now.active]) === JSON.stringify(state.slots[state.active]);
    rows.push(
      `| ${what} | ${secondsSince(beganMs)} | back ${seconds} s after its first request, ${failed.length} failed meanwhile |`,
    );
    console.log(`${what}: ${said}`);
    const faults = [
      said?.includes("was taken back by itself") ? [] : [`it was not taken back: ${said ?? "no error"}`],
      seconds <= badWithinSeconds ? [] : [`it took ${seconds} s`],
      isBack ? [] : ["the version before is not what it was"],
      name === "failing" || failed.length === 0 ? [] : [`${failed.length} requests failed`],
    ].flat();
    if (faults.length === 0) passed += 1;
    failures.push(...faults.map((fault) => `${what}: ${fault}`));
    await quiet(what, seen);
  }
}

/** After the way back nothing fails any more. */
async function quiet(what: string, seen: Seen): Promise<void> {
  await systemClock.sleep(1_000);
  const [before, requests] = [seen.failures().length, seen.requests()];
  while (seen.requests() - requests < 150) await systemClock.sleep(100);
  for (const { at, outcome } of seen.failures().slice(before))
    failures.push(`after ${what}: ${at} ${outcome}`);
}

/** Since when a version has answered anybody. */
function firstTraffic(driver: HaproxyDriver, tag: string): { since(): number; stop(): void } {
  let firstMs: number | undefined;
  let isOpen = true;
  void (async () => {
    while (isOpen && firstMs === undefined) {
      const { state } = await driver.read();
      const slot = state.to === "" ? state.active : state.to;
      const readings = await driver.readings({ slot, tag });
      if ([...readings.values()].some(({ requests }) => requests > 0)) firstMs = systemClock.monotonicMs();
      await systemClock.sleep(200);
    }
  })();
  return {
    since: () => (firstMs === undefined ? 0 : secondsSince(firstMs)),
    stop: () => {
      isOpen = false;
    },
  };
}

function judgeWeights(counted: readonly Counted[]): void {
  for (const { weight, requests, share } of counted) {
    rows.push(
      `| storefront: ${weight} % of the traffic to the new version | | ${(share * 100).toFixed(1)} % of ${requests} requests |`,
    );
    const isRight = requests >= 20 && Math.abs(share * 100 - weight) <= 5;
    if (isRight) passed += 1;
    else failures.push(`storefront: ${weight} % were ${(share * 100).toFixed(1)} % of ${requests} requests`);
  }
  if (counted.length < 3) failures.push(`storefront: only ${counted.length} of three weights were seen`);
}

function rolloutOf(driver: HaproxyDriver): Rollout {
  return {
    driver,
    observer: new ReadingObserver(driver, systemClock),
    clock: systemClock,
    stop: new AbortController().signal,
    print: (line) => console.log(`  ${line}`),
    wordsBack: `stoa rollout back ${driver.service}`,
    timing: {
      ...usualTiming,
      observeMs: Number(options.observe) * 1000,
      everyMs: 1_000,
      readyMs: 60_000,
      settleMs: 1_000,
    },
    limits: { ...usualLimits, requestsMin: 30 },
  };
}

function driverOf({ service, strategy, replicas, tried }: Behind): HaproxyDriver {
  return new HaproxyDriver({
    service,
    strategy,
    replicas,
    tried,
    admin,
    seats: seats.get(service) ?? [],
    trees: releases.trees,
  });
}

/** Addresses for all processes of a service that may run at once: of a rolling update one more than it needs. */
function seatsOf(of: LinkedShop, { service, replicas, slots }: Behind): Seat[] {
  const first = of.process(service);
  return slots.flatMap((slot, at) =>
    Array.from({ length: slot === "" ? replicas + 1 : replicas }, (_, index): Seat => {
      const host = `127.0.0.${at * replicas + index + 1}`;
      return { name: `${slot === "" ? "pod" : slot}-${index + 1}`, slot, process: first.beside(host) };
    }),
  );
}

function originOf(service: string): string {
  return origins.get(service) ?? "";
}

function secondsSince(ms: number): number {
  return Math.round((systemClock.monotonicMs() - ms) / 1000);
}
