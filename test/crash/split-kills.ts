/**
 * Kills service processes of the split shop (SIGKILL, one after another, drawn by `--seed`) while guests buy over REST; the
 * launcher starts them again. Every purchase must come to a final answer with its key, no acknowledged order may be lost, and
 * every invariant must hold in the end. `--kills N` (default 12). Prints a table and "N passed, N failed".
 */
import { parseArgs } from "node:util";
import { audit, booksOf } from "../../audit/audit.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { services } from "../../shop.ts";
import type { Attempt } from "../lab/buyer.ts";
import { contradictions } from "../lab/history.ts";
import { buyOverRest } from "../lab/rest-buyer.ts";
import { untilAtRest } from "../lab/rest.ts";
import { seededRandom } from "../lab/seeded-random.ts";
import { openSplitShop, type SplitShop } from "../lab/split-shop.ts";

const { values: options } = parseArgs({
  options: { kills: { type: "string", default: "12" }, seed: { type: "string", default: "1" } },
});
const kills = Number(options.kills);
const buyersAtOnce = 6;
/** A kill comes when somebody has bought something since the last one, so that it meets a shop at work, or after this. */
const workWithinMs = 6_000;
const pauseMsMax = 300;
/** Every other kill is of one of these: a purchase is likely to be cut off in the middle. */
const heart = ["checkout", "order", "payment", "catalog", "shipping", "cart"];
const product = "6E92ZMYYFZ";

const attempts: Attempt[] = [];
const failures: string[] = [];
const killed = new Map<string, number>();
let isOpen = true;

const shop = await openSplitShop();
try {
  const shoppers = Array.from({ length: buyersAtOnce }, () => keepBuying());
  await killOneAfterAnother(seededRandom(Number(options.seed)));
  isOpen = false;
  await Promise.all(shoppers);
  await judge(shop).catch((error: unknown) => failures.push(String(error)));
  printTable();
} finally {
  isOpen = false;
  await shop.close();
}
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(failures.length === 0 ? "1 passed, 0 failed" : "0 passed, 1 failed");
process.exit(failures.length === 0 ? 0 : 1);

async function keepBuying(): Promise<void> {
  while (isOpen) {
    try {
      attempts.push(await buyOverRest(shop.origin, product));
    } catch (error) {
      failures.push(String(error));
    }
  }
}

async function killOneAfterAnother(random: () => number): Promise<void> {
  const all = [...shop.pids().keys()].sort();
  for (let kill = 1; kill <= kills; kill += 1) {
    await untilAtWork(attempts.length);
    await systemClock.sleep(random() * pauseMsMax);
    const names = kill % 2 === 0 ? heart : all;
    const name = names[Math.floor(random() * names.length)] ?? "";
    const pid = shop.pids().get(name);
    if (pid === undefined) {
      failures.push(`${name} was not started again`);
      continue;
    }
    process.kill(pid, "SIGKILL");
    killed.set(name, (killed.get(name) ?? 0) + 1);
    console.log(`  ${name} killed (${kill} of ${kills}), ${attempts.length} purchases so far`);
  }
  await untilAtWork(attempts.length);
}

async function untilAtWork(before: number): Promise<void> {
  const untilMs = systemClock.monotonicMs() + workWithinMs;
  while (attempts.length === before && systemClock.monotonicMs() < untilMs) await systemClock.sleep(20);
}

async function judge(shop: SplitShop): Promise<void> {
  const databases = await shop.databases();
  await untilAtRest({ databases });
  const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
  for (const { invariant, violations } of findings)
    failures.push(...violations.map((line) => `${invariant.id}: ${line}`));
  failures.push(...(await contradictions({ databases }, attempts)));
  for (const { userId, answer } of attempts)
    if (answer.kind !== "acknowledged") failures.push(`buyer ${userId} ended in ${JSON.stringify(answer)}`);
  if (attempts.length === 0) failures.push("nobody could buy anything");
  const missing = [...services.map(({ name }) => name), "audit"].filter((name) => !shop.pids().has(name));
  if (missing.length > 0) failures.push(`not started again: ${missing.join(", ")}`);
}

function printTable(): void {
  const total = [...killed.values()].reduce((sum, count) => sum + count, 0);
  const which = [...killed].map(([name, count]) => `${name} ${count}`).join(", ");
  const acknowledged = attempts.filter(({ answer }) => answer.kind === "acknowledged").length;
  const rows = [
    `| services killed | ${total} (${which}) |`,
    `| orders acknowledged | ${acknowledged} |`,
    `| purchases that had to ask again | ${attempts.filter(({ tries }) => tries > 1).length} |`,
    `| violations | ${failures.length} |`,
  ];
  console.log(["", "| services killed under load | |", "| --- | --- |", ...rows, ""].join("\n"));
}
