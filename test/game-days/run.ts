/**
 * Plays game days on a shop of thirteen processes: steady state, fault, well again, books. Names of some as words, all without;
 * `--to FOLDER` keeps the reports there. Prints "N passed, N failed", one for each game day.
 */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { systemClock } from "#platform/kit/clock.ts";
import { callRest } from "../lab/rest-buyer.ts";
import { untilAtRest } from "../lab/rest.ts";
import { openSplitShop, type SplitShop } from "../lab/split-shop.ts";
import { failedShare, type GameDay, type Phases } from "./game-day.ts";
import { play, type Place } from "./load.ts";
import { reportOf, type Outcome } from "./report.ts";
import { gameDays } from "./scenarios.ts";

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { to: { type: "string", default: join(tmpdir(), "stoa-game-days") } },
});
const unknown = names.find((name) => !gameDays.some((day) => day.name === name));
if (unknown !== undefined) {
  console.error(`There is no game day ${unknown}: there are ${gameDays.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

/** As long as a switch takes to be heard everywhere. */
const heardMs = 5_000;
const wellMsMax = 10_000;
const admin = { email: "admin@example.com", password: "the keys of the colonnade" };
const tally = { passed: 0, failed: 0 };

await mkdir(options.to, { recursive: true });
const shop = await openSplitShop({
  environment: { FAULT_INJECTION: "allowed", ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
});
try {
  const { body } = await callRest(shop.origin, "POST", "/api/users/login", { body: admin });
  const wanted = gameDays.filter(({ name }) => names.length === 0 || names.includes(name));
  for (const day of wanted) await hold(day, String(body["token"]));
} finally {
  await shop.close();
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed > 0 ? 1 : 0);

async function hold(day: GameDay, token: string): Promise<void> {
  console.log(`\n${day.title}: ${day.hypothesis}`);
  const place: Place = { origin: shop.origin, productId: await firstProduct(), acknowledged: [] };
  // Whatever is read, compiled and connected at the first visit is no part of the question.
  await play(place, 3);
  const steady = await play(place, day.secondsSteady);
  const until = new Date(systemClock.now().getTime() + 600_000).toISOString();
  await setFaults(
    token,
    day.faults.map((rule) => ({ ...rule, until })),
    day.hypothesis,
  );
  await systemClock.sleep(heardMs);
  const fault = await play(place, day.secondsFault);
  await setFaults(token, [], "The game day is over.");
  const isWell = await untilWell(place);
  const phases: Phases = { steady, fault, after: await play(place, 3) };
  const outcomes = [
    steadiness(phases),
    outcomeOf({ ...day.evidence, sentence: `The fault was felt: ${day.evidence.sentence}` }, phases),
    ...day.checks.map((check) => outcomeOf(check, phases)),
    { sentence: "Ten seconds after its end everything answered as before.", holds: isWell },
    await keptOrders(place),
    await soundBooks(shop),
  ];
  for (const { sentence, holds } of outcomes) console.log(`  ${holds ? "held  " : "FAILED"} ${sentence}`);
  const path = join(options.to, `${day.name}.md`);
  await writeFile(path, reportOf(day, phases, outcomes, systemClock.now()));
  console.log(`  ${path}`);
  if (outcomes.every(({ holds }) => holds)) tally.passed += 1;
  else tally.failed += 1;
}

function outcomeOf(check: GameDay["evidence"], phases: Phases): Outcome {
  return { sentence: check.sentence, holds: check.holds(phases) };
}

/** A shop that is not well without the fault answers no question about it. */
function steadiness({ steady, after }: Phases): Outcome {
  const all = [steady, after].flatMap((phase) => Object.values(phase));
  return {
    sentence: "Before and after the fault nothing failed.",
    holds: all.every((figures) => failedShare(figures) === 0),
  };
}

async function firstProduct(): Promise<string> {
  const { body } = await callRest(shop.origin, "GET", "/api/products?limit=1");
  const [first] = body["items"] as readonly { readonly id: string }[];
  if (!first) throw new Error("The shop sells nothing.");
  return first.id;
}

async function setFaults(token: string, value: readonly object[], reason: string): Promise<void> {
  const body = { value, reason: reason.slice(0, 500) };
  const answer = await callRest(shop.origin, "PUT", "/api/flags/faults", { token, body });
  if (answer.status !== 200)
    throw new Error(`The faults were not taken: ${answer.status} ${JSON.stringify(answer.body)}.`);
}

async function untilWell(place: Place): Promise<boolean> {
  const untilMs = systemClock.monotonicMs() + wellMsMax;
  while (systemClock.monotonicMs() < untilMs) {
    const phase = await play({ ...place, acknowledged: [] }, 1);
    const isWell = Object.values(phase).every((one) => failedShare(one) === 0 && one.degraded === 0);
    if (isWell) return true;
  }
  return false;
}

async function keptOrders({ acknowledged }: Place): Promise<Outcome> {
  const databases = await shop.databases();
  const rows = await databases
    .get("order")
    ?.rows<{ id: string }>("select id from orders where id = any($1)", [acknowledged]);
  return {
    sentence: `Each of the ${acknowledged.length} orders that were acknowledged is there.`,
    holds: acknowledged.length > 0 && rows?.length === acknowledged.length,
  };
}

/** As an operator looks: by the command. */
async function soundBooks({ folder, databases }: SplitShop): Promise<Outcome> {
  await untilAtRest({ databases: await databases() });
  const program = new URL("../../main.ts", import.meta.url).pathname;
  const env = { ...process.env, STOA_DATA: folder };
  const run = promisify(execFile)(process.execPath, [program, "check"], { env, timeout: 120_000 });
  const holds = await run.then(
    () => true,
    (error: unknown) => {
      console.log(error instanceof Error ? error.message : error);
      return false;
    },
  );
  return { sentence: "stoa check found every invariant whole.", holds };
}
