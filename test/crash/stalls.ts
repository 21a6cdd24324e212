/**
 * Replicas and zombies: two checkout processes. The one that reaches a failpoint is stopped (SIGSTOP), the other takes the
 * checkout over when its lease has ended, and then the stopped one is woken and goes on where it was: late, when the buyer has an
 * answer, or early, while the other is at work. One purchase, one order, one charge, sound books.
 * `--every N` takes each Nth point of the declined purchase (default 2). Prints a table and "N passed, N failed".
 */
import { parseArgs } from "node:util";
import { audit, booksOf } from "../../audit/audit.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { buy, fillCart, newBuyer, type Attempt, type CardName } from "../lab/buyer.ts";
import { contradictions } from "../lab/history.ts";
import type { LabProcess } from "../lab/lab-process.ts";
import { openLab, type Lab } from "../lab/lab.ts";
import { untilAtRest } from "../lab/rest.ts";
import { seededRandom } from "../lab/seeded-random.ts";

type Waking = "early" | "late";

interface Scenario {
  readonly card: CardName;
  readonly point: string;
  readonly hit: number;
  readonly waking: Waking;
}

const { values: options } = parseArgs({
  options: {
    every: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    labs: { type: "string", default: "3" },
  },
});

const product = "OLJCESPC7Z";
const stallWithinMs = 10_000;
/** The lab's lease ends after 1 s, and abandoned checkouts are looked for twice a second: the other takes over in between. */
const earlyMs = { from: 1_000, upTo: 2_000 };
const random = seededRandom(Number(options.seed));
const failures: string[] = [];
const played: Attempt[] = [];
let takenOver = 0;

const first = await openLab({ hasTwin: true });
const good = await pointsOf(first, "good");
const declined = (await pointsOf(first, "declined")).filter(
  (_, index) => index % Number(options.every) === 0,
);
const scenarios = [...good, ...declined];
const waiting = [...scenarios];
console.log(`${good.length} stalls of "buy", ${declined.length} of "buy, declined" (seed ${options.seed}).`);
const others = Array.from({ length: Number(options.labs) - 1 }, () => openLab({ hasTwin: true }));
await Promise.all([first, ...others].map(async (opening) => await work(await opening)));

printTable();
const failed = new Set(failures.map((failure) => failure.split(": ")[0])).size;
console.log(`${scenarios.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

async function work(lab: Lab): Promise<void> {
  try {
    for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
      const faults = await play(lab, scenario).catch((error: unknown) => [String(error)]);
      for (const fault of faults) {
        const { card, point, hit, waking } = scenario;
        failures.push(`${card} card, stalled at ${point}#${hit}, woken ${waking}: ${fault}`);
        console.log(`FAILED ${failures.at(-1)}`);
      }
    }
  } finally {
    await lab.close();
  }
}

/** Every failpoint the first process passes in an undisturbed purchase, each to be woken from early and late. */
async function pointsOf(lab: Lab, card: CardName): Promise<Scenario[]> {
  const buyer = newBuyer();
  await fillCart(lab, buyer.userId, product, 2);
  const points = await lab.front.record(async () => {
    await buy(lab, buyer, { card });
    await untilAtRest(lab);
  });
  const hits = new Map<string, number>();
  return points
    .filter((point) => !/\.(Deliver|GetTrust)\./.test(point))
    .flatMap((point) => {
      const hit = (hits.get(point) ?? 0) + 1;
      hits.set(point, hit);
      return (["early", "late"] as const).map((waking) => ({ card, point, hit, waking }));
    });
}

async function play(lab: Lab, { card, point, hit, waking }: Scenario): Promise<string[]> {
  const { front } = lab;
  const buyer = newBuyer();
  await fillCart(lab, buyer.userId, product, 2);
  await front.arm([{ point, hit, fate: "stalls" }]);
  const buying = buy(lab, buyer, { card, timeoutMs: 2_000 });
  try {
    await untilStalled(front);
    if (waking === "early") {
      await systemClock.sleep(earlyMs.from + random() * (earlyMs.upTo - earlyMs.from));
      front.wake();
    }
    const attempt = await buying;
    played.push(attempt);
    if (attempt.tries > 1) takenOver += 1;
    front.wake();
    await front.settled();
    return await judge(lab, card, attempt);
  } finally {
    front.wake();
    await front.arm([]);
  }
}

async function untilStalled(process: LabProcess): Promise<void> {
  const untilMs = systemClock.monotonicMs() + stallWithinMs;
  while (!process.isStalled) {
    if (systemClock.monotonicMs() > untilMs) throw new Error("The failpoint was not reached.");
    await systemClock.sleep(10);
  }
}

async function judge(lab: Lab, card: CardName, attempt: Attempt): Promise<string[]> {
  await untilAtRest(lab);
  const findings = await audit(booksOf(lab.databases), { restSeconds: 0 }, systemClock);
  const faults = findings.flatMap(({ invariant, violations }) =>
    violations.map((line) => `${invariant.id}: ${line}`),
  );
  faults.push(...(await contradictions(lab, [attempt])));
  const wanted = card === "good" ? 1 : 0;
  const [orders, charges] = await Promise.all([ordersOf(lab, attempt), chargesOf(lab, attempt)]);
  if (orders !== wanted) faults.push(`${orders} orders, not ${wanted}`);
  if (charges !== wanted) faults.push(`${charges} charges, not ${wanted}`);
  const expected = card === "good" ? "acknowledged" : "refused";
  if (attempt.answer.kind !== expected) faults.push(`the buyer was told ${JSON.stringify(attempt.answer)}`);
  return faults;
}

async function ordersOf(lab: Lab, { userId }: Attempt): Promise<number> {
  const row = await lab.databases
    .get("order")
    ?.row<{ count: number }>(
      "select count(*)::int as count from orders where user_id = $1 and abandoned_at is null",
      [userId],
    );
  return row?.count ?? 0;
}

/** What the provider itself has taken, for all checkouts the buyer ever had, undone ones too. */
async function chargesOf(lab: Lab, { userId }: Attempt): Promise<number> {
  const checkouts = await lab.databases
    .get("checkout")
    ?.rows<{ id: string }>("select id from checkouts where user_id = $1", [userId]);
  const row = await lab.databases
    .get("payment")
    ?.row<{ count: number }>(
      "select count(*)::int as count from provider.charges where order_id = any($1) and captured_minor > 0",
      [checkouts?.map(({ id }) => id) ?? []],
    );
  return row?.count ?? 0;
}

function printTable(): void {
  const count = (kind: string) => played.filter(({ answer }) => answer.kind === kind).length;
  const rows = [
    `| processes stalled and woken | ${scenarios.length} |`,
    `| answered by the other process or a repeat | ${takenOver} |`,
    `| orders acknowledged | ${count("acknowledged")} |`,
    `| orders refused | ${count("refused")} |`,
    `| violations | ${failures.length} |`,
  ];
  console.log(["", "| stalls and zombies | |", "| --- | --- |", ...rows, ""].join("\n"));
}
