/**
 * Bad links: each edge of deploy/services.json, databases too, goes over a proxy that is slow, cut, reset, half-open, one-way or full of
 * garbage for a while, one edge at a time, while people browse, fill carts and buy. Whatever the fault: every answer comes within its
 * journey's limit and is a good one or a refusal in words, everything works again within 10 s after the fault without a hand, no order is
 * lost or doubled, and every invariant holds. `--count N` cells (all when 0, the default), `--only TEXT` those whose name holds it.
 * Prints a table and "N passed, N failed".
 */
import { parseArgs } from "node:util";
import { audit, booksOf } from "../../audit/audit.ts";
import { systemClock } from "#platform/kit/clock.ts";
import type { Attempt } from "../lab/buyer.ts";
import { contradictions } from "../lab/history.ts";
import { openLinkedShop } from "../lab/linked-shop.ts";
import { untilAtRest } from "../lab/rest.ts";
import { allCells, someCells, type Cell } from "./cells.ts";
import { journeys, Walker, type Journey } from "./journeys.ts";
import { recoverWithinMs, untilWell, walkFor } from "./walking.ts";

const { values: options } = parseArgs({
  options: { count: { type: "string", default: "0" }, only: { type: "string", default: "" } },
});
/** The fault lasts at least so long, and until every journey has had an answer. */
const faultMs = 1_200;

interface Outcome {
  readonly cell: Cell;
  readonly recoveredMs: number;
  readonly longestMs: Readonly<Record<Journey, number>>;
  readonly good: number;
  readonly refused: number;
  readonly faults: readonly string[];
}

const count = Number(options.count);
const cells = (count > 0 ? someCells(count) : allCells()).filter(({ name }) => name.includes(options.only));
const outcomes: Outcome[] = [];
const failures: string[] = [];
const attempts: Attempt[] = [];
const startedMs = systemClock.monotonicMs();
const shop = await openLinkedShop({ links: true });
try {
  console.log(`${shop.links.length} links, ${cells.length} cells; open after ${secondsSince(startedMs)} s.`);
  for (const cell of cells) {
    const outcome = await play(cell);
    outcomes.push(outcome);
    for (const fault of outcome.faults) failures.push(`${cell.name}: ${fault}`);
    if (outcome.faults.length > 0)
      console.log(`  ${cell.name}: ${outcome.faults.length} faults, ${outcome.faults[0]}`);
  }
  await judge().catch((error: unknown) => failures.push(String(error)));
  printTable();
} finally {
  await shop.close();
}
for (const failure of failures.slice(0, 100)) console.log(`FAILED ${failure}`);
const failed = new Set(failures.map((failure) => failure.split(": ")[0])).size;
console.log(`${Math.max(cells.length - failed, 0)} passed, ${failed} failed`);
process.exit(failures.length === 0 ? 0 : 1);

async function play(cell: Cell): Promise<Outcome> {
  const { proxy } = shop.link(cell.edge.from, cell.edge.to);
  const walkers = (Object.keys(journeys) as Journey[]).map(
    (journey) => new Walker(journey, shop.origin, attempts),
  );
  const faults: string[] = [];
  for (const walker of walkers)
    await walker.prepare().catch((error: unknown) => faults.push(`before the fault: ${String(error)}`));
  await proxy.set(cell.fault);
  const answers = await Promise.all(walkers.map((walker) => walkFor(walker, faultMs)));
  await proxy.set({ kind: "none" });
  const recoveredMs = await untilWell(walkers);
  if (recoveredMs > recoverWithinMs) faults.push(`not well again within ${recoverWithinMs / 1000} s`);
  const good = answers.flat().filter((isGood) => isGood).length;
  return {
    cell,
    recoveredMs,
    longestMs: Object.fromEntries(walkers.map(({ journey, longestMs }) => [journey, longestMs])) as Record<
      Journey,
      number
    >,
    good,
    refused: answers.flat().length - good,
    faults: [...faults, ...walkers.flatMap((walker) => walker.faults)],
  };
}

async function judge(): Promise<void> {
  const databases = shop.databases();
  await untilAtRest({ databases });
  const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
  for (const { invariant, violations } of findings)
    failures.push(...violations.map((line) => `${invariant.id}: ${line}`));
  failures.push(...(await contradictions({ databases }, attempts)));
  if (attempts.length === 0) failures.push("nobody could buy anything");
}

function printTable(): void {
  const kinds = [...new Set(cells.map(({ name }) => name.split(", ").slice(1).join(", ")))];
  const rows = kinds.map((kind) => {
    const own = outcomes.filter(({ cell }) => cell.name.endsWith(`, ${kind}`));
    const longest = (journey: Journey) =>
      Math.round(Math.max(...own.map(({ longestMs }) => longestMs[journey])));
    const sum = (what: "good" | "refused") => own.reduce((total, outcome) => total + outcome[what], 0);
    const recovered = Math.round(Math.max(...own.map(({ recoveredMs }) => recoveredMs)));
    const bad = own.filter(({ faults }) => faults.length > 0).length;
    return `| ${kind} | ${own.length} | ${sum("good")} | ${sum("refused")} | ${longest("browse")} | ${longest("cart")} | ${longest("checkout")} | ${recovered} | ${bad} |`;
  });
  const bought = attempts.filter(({ answer }) => answer.kind === "acknowledged").length;
  console.log(
    [
      "",
      "| fault of a link | cells | good answers | refusals | browse, longest ms | cart | checkout | well again after ms | cells failed |",
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
      ...rows,
      "",
      `${bought} orders acknowledged, ${secondsSince(startedMs)} s.`,
      "",
    ].join("\n"),
  );
}

function secondsSince(ms: number): number {
  return Math.round((systemClock.monotonicMs() - ms) / 1000);
}
