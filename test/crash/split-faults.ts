/**
 * The split shop under load while every service and the database is killed (SIGKILL), stopped (SIGSTOP) and slowed (stopped nine tenths
 * of the time) in turn, one at a time. No order may be lost or doubled, every purchase comes to a final answer with its key, every
 * invariant holds, and every journey works again within 10 s after the fault without a hand. `--only cart,database` these alone,
 * `--fates kill,stop,slow`, `--seconds N` how long a stop lasts (default 30; a slowness a third of it), `--ci` a fixed part.
 * Prints a table and "N passed, N failed".
 */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { audit, booksOf } from "../../audit/audit.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { services } from "../../shop.ts";
import type { Attempt } from "../lab/buyer.ts";
import { contradictions } from "../lab/history.ts";
import { buyOverRest } from "../lab/rest-buyer.ts";
import { untilAtRest } from "../lab/rest.ts";
import { openSplitShop } from "../lab/split-shop.ts";
import { journeys, Walker, type Journey } from "../links/journeys.ts";
import { recoverWithinMs, untilWell, walkFor } from "../links/walking.ts";

type Fate = "kill" | "stop" | "slow";

interface Trial {
  readonly target: string;
  readonly fate: Fate;
}

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    fates: { type: "string", default: "kill,stop,slow" },
    seconds: { type: "string" },
    ci: { type: "boolean", default: false },
  },
});
const database = "database";
const stopMs = Number(options.seconds ?? (options.ci ? 4 : 30)) * 1000;
const slowMs = stopMs / 3;
/** Of every turn a slowed process may work so long. */
const turnMs = { work: 8, stand: 72 };
const buyersAtOnce = 3;
const product = "OLJCESPC7Z";
/** What the fixed part stops and slows; it kills all. */
const heart = ["user", "catalog", "currency", "cart", "order", "checkout", "payment", database];

const attempts: Attempt[] = [];
const failures: string[] = [];
const rows: string[] = [];
let isOpen = true;

const startedMs = systemClock.monotonicMs();
const shop = await openSplitShop();
try {
  const buyers = Array.from({ length: buyersAtOnce }, () => keepBuying());
  for (const trial of trials()) await play(trial);
  isOpen = false;
  await Promise.all(buyers);
  await judge().catch((error: unknown) => failures.push(String(error)));
  printTable();
} finally {
  isOpen = false;
  await shop.close();
}
for (const failure of failures.slice(0, 100)) console.log(`FAILED ${failure}`);
const failed = new Set(failures.map((failure) => failure.split(": ")[0])).size;
console.log(`${Math.max(rows.length - failed, 0)} passed, ${failed} failed`);
process.exit(failures.length === 0 ? 0 : 1);

function trials(): Trial[] {
  const only = options.only === "" ? undefined : options.only.split(",");
  const targets = [...services.map(({ name }) => name), database].filter(
    (name) => only?.includes(name) ?? true,
  );
  return options.fates
    .split(",")
    .flatMap((fate) => targets.map((target) => ({ target, fate: fate as Fate })))
    .filter(({ target, fate }) => !options.ci || fate === "kill" || heart.includes(target));
}

async function keepBuying(): Promise<void> {
  while (isOpen) {
    try {
      attempts.push(await buyOverRest(shop.origin, product));
    } catch (error) {
      failures.push(`a buyer: ${String(error)}`);
    }
    await systemClock.sleep(100);
  }
}

async function play({ target, fate }: Trial): Promise<void> {
  const what = `${target} ${{ kill: "killed", stop: "stopped", slow: "slowed" }[fate]}`;
  const walkers = (Object.keys(journeys) as Journey[]).map(
    (journey) => new Walker(journey, shop.origin, attempts),
  );
  for (const walker of walkers)
    await walker.prepare().catch((error: unknown) => failures.push(`${what}: before: ${String(error)}`));
  const pids = await pidsOf(target);
  if (pids.length === 0) failures.push(`${what}: it does not run`);
  await befall(fate, pids, walkers);
  const wellMs = await untilWell(walkers);
  if (wellMs > recoverWithinMs) failures.push(`${what}: not well again after ${Math.round(wellMs)} ms`);
  // Nobody can be answered by a gateway that is not there.
  if (target !== "gateway")
    for (const { faults } of walkers) failures.push(...faults.map((fault) => `${what}: ${fault}`));
  const longest = walkers.map(({ longestMs }) => Math.round(longestMs)).join(" | ");
  rows.push(`| ${what} | ${longest} | ${Math.round(wellMs)} |`);
  console.log(`  ${what}: well again after ${Math.round(wellMs)} ms, ${attempts.length} purchases so far`);
}

/** Returns at the end of the fault; a killed process has its end at once. */
async function befall(fate: Fate, pids: readonly number[], walkers: readonly Walker[]): Promise<void> {
  if (fate === "kill") return signal(pids, "SIGKILL");
  const lastsMs = fate === "stop" ? stopMs : slowMs;
  const walking = Promise.all(walkers.map((walker) => walkFor(walker, lastsMs)));
  const untilMs = systemClock.monotonicMs() + lastsMs;
  try {
    while (systemClock.monotonicMs() < untilMs) {
      signal(pids, "SIGSTOP");
      await systemClock.sleep(fate === "stop" ? lastsMs : turnMs.stand);
      signal(pids, "SIGCONT");
      if (fate === "slow") await systemClock.sleep(turnMs.work);
    }
  } finally {
    signal(pids, "SIGCONT");
  }
  // The answers to what was asked during the fault are judged, too.
  await walking;
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      // Backends of the database come and go.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

/** The process of a service; all of PostgreSQL, its first process first. */
async function pidsOf(target: string): Promise<number[]> {
  if (target !== database) return [shop.pids().get(target) ?? []].flat();
  const [first] = (await readFile(join(shop.folder, "postgres/cluster/postmaster.pid"), "utf8")).split("\n");
  const children = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent]) => parent === first)
    .map(([pid]) => Number(pid));
  return [Number(first), ...children];
}

async function judge(): Promise<void> {
  const databases = await shop.databases();
  await untilAtRest({ databases });
  const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
  for (const { invariant, violations } of findings)
    failures.push(...violations.map((line) => `${invariant.id}: ${line}`));
  failures.push(...(await contradictions({ databases }, attempts)));
  for (const { userId, answer } of attempts)
    if (answer.kind === "unknown")
      failures.push(`buyer ${userId}: never got a final answer, ${answer.reason}`);
  if (attempts.length === 0) failures.push("nobody could buy anything");
}

function printTable(): void {
  const count = (kind: string) => attempts.filter(({ answer }) => answer.kind === kind).length;
  const again = attempts.filter(({ tries }) => tries > 1).length;
  const limits = (Object.keys(journeys) as Journey[]).map((name) => `${name}, longest ms`).join(" | ");
  console.log(
    [
      "",
      `| fault under load | ${limits} | well again after ms |`,
      "| --- | --- | --- | --- | --- |",
      ...rows,
      "",
      `${count("acknowledged")} orders acknowledged, ${count("refused")} refused, ${again} purchases asked again, ` +
        `${Math.round((systemClock.monotonicMs() - startedMs) / 1000)} s.`,
      "",
    ].join("\n"),
  );
}
