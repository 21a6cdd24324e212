/**
 * Kills the database server (SIGKILL) again and again while people buy. No acknowledged order may be lost, every unknown answer
 * must become a final one with the same key, and every invariant must hold in the end. `--kills N` (default 5).
 * Prints a table and "N passed, N failed".
 */
import { parseArgs } from "node:util";
import { audit, booksOf } from "../../audit/audit.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { buy, newBuyer, persist, type Attempt } from "../lab/buyer.ts";
import { contradictions } from "../lab/history.ts";
import { openLab, type Lab } from "../lab/lab.ts";
import { untilAtRest } from "../lab/rest.ts";

const { values: options } = parseArgs({ options: { kills: { type: "string", default: "5" } } });
const kills = Number(options.kills);
const buyersAtOnce = 8;
const betweenKillsMs = 2_500;
const sellingTimeoutMs = 30_000;

const lab = await openLab();
const failures: string[] = [];
const attempts: Attempt[] = [];
let isOpen = true;
try {
  const shoppers = Array.from({ length: buyersAtOnce }, () => shop(lab));
  for (let kill = 1; kill <= kills; kill += 1) {
    await untilSelling();
    await lab.killPostgres();
    console.log(`  PostgreSQL killed ${kill} of ${kills} times, ${attempts.length} purchases so far`);
  }
  await untilSelling();
  isOpen = false;
  await Promise.all(shoppers);
  await persist("Coming to rest", () => untilAtRest(lab));
  const findings = await audit(booksOf(lab.databases), { restSeconds: 0 }, systemClock);
  failures.push(
    ...findings.flatMap(({ invariant, violations }) => violations.map((line) => `${invariant.id}: ${line}`)),
  );
  failures.push(...(await contradictions(lab, attempts)));
  const count = (kind: string) => attempts.filter(({ answer }) => answer.kind === kind).length;
  if (count("unknown") > 0) failures.push(`${count("unknown")} purchases never got a final answer`);
  if (count("acknowledged") === 0) failures.push("nobody could buy anything");
  const repeated = attempts.filter(({ tries }) => tries > 1).length;
  console.log(
    [
      "",
      "| PostgreSQL killed under load | |",
      "| --- | --- |",
      `| kills | ${kills} |`,
      `| orders acknowledged | ${count("acknowledged")} |`,
      `| purchases that had to ask again | ${repeated} |`,
      `| violations | ${failures.length} |`,
      "",
    ].join("\n"),
  );
} finally {
  isOpen = false;
  await lab.close();
}
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(failures.length === 0 ? "1 passed, 0 failed" : "0 passed, 1 failed");
process.exit(failures.length === 0 ? 0 : 1);

/** A kill counts only when people were buying: waits a moment, and until something was sold since the last one. */
async function untilSelling(): Promise<void> {
  const before = attempts.length;
  const untilMs = systemClock.monotonicMs() + sellingTimeoutMs;
  await systemClock.sleep(betweenKillsMs);
  while (attempts.length === before) {
    if (systemClock.monotonicMs() > untilMs)
      throw new Error("Nothing was sold for half a minute after a kill.");
    await systemClock.sleep(50);
  }
}

async function shop(lab: Lab): Promise<void> {
  while (isOpen) {
    const buyer = newBuyer();
    const item = { userId: buyer.userId, productId: "6E92ZMYYFZ", quantity: 1 };
    await persist("Filling a cart", () => lab.cart.addItem(item));
    attempts.push(await buy(lab, buyer, { card: "good" }));
  }
}
