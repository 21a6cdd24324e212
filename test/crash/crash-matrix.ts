/**
 * The crash matrix: every story is played once for every failpoint it passes, and there the process really dies (SIGKILL).
 * Then the story goes on to its end, and every invariant is checked. `--pairs N --seed S` adds N pairs of deaths, the second
 * one while the first is being recovered from. `--provider stripe` plays the stories of buyers who pay at Stripe, against its
 * stand-in. `--every N` takes each Nth single point. Prints a table and "N passed, N failed".
 */
import { parseArgs } from "node:util";
import { audit, booksOf } from "../../audit/audit.ts";
import { systemClock } from "#platform/kit/clock.ts";
import type { Attempt } from "../lab/buyer.ts";
import { openStandIn, type StandIn } from "../../extensions/stripe/testing/stand-in.ts";
import { contradictions } from "../lab/history.ts";
import type { DeathPlan } from "../lab/lab-process.ts";
import { openLab, type Lab } from "../lab/lab.ts";
import { untilAtRest } from "../lab/rest.ts";
import { seededRandom } from "../lab/seeded-random.ts";
import { stories, type Story } from "./stories.ts";
import { stripeStories } from "./stripe-stories.ts";

interface Death extends DeathPlan {
  readonly process: "front" | "back";
}

interface Scenario {
  readonly story: Story;
  readonly deaths: readonly Death[];
}

const { values: options } = parseArgs({
  options: {
    pairs: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    story: { type: "string" },
    labs: { type: "string", default: "3" },
    provider: { type: "string", default: "simulator" },
    every: { type: "string", default: "1" },
  },
});

const failures: string[] = [];
const attempts: Attempt[] = [];
let kills = 0;
let played = 0;

const standIns = new Map<Lab, StandIn>();
const isAtStripe = options.provider === "stripe";
const all = isAtStripe ? stripeStories((lab) => standIns.get(lab)) : stories;
const chosen = all.filter(({ name }) => options.story === undefined || name === options.story);
const first = await openOneLab();
const singles: Scenario[] = [];
for (const story of chosen)
  singles.push(...(await singleDeaths(first, story)).filter(isNth(Number(options.every))));
const pairs = pairedDeaths(singles, Number(options.pairs), Number(options.seed));
const scenarios = [...singles, ...pairs];
console.log(`${singles.length} single points, ${pairs.length} pairs (seed ${options.seed}).`);

// Most of a scenario is waiting for a restart and for a lease to end, so several labs fit on one machine.
const waiting = [...scenarios];
const others = Array.from({ length: Number(options.labs) - 1 }, () => openOneLab());
await Promise.all([first, ...others].map(async (opening) => await work(await opening)));

printTable(singles.length, pairs.length);
const failed = new Set(failures.map((failure) => failure.split(": ")[0])).size;
console.log(`${scenarios.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Each lab has a Stripe of its own, because its webhooks go to one shop. */
async function openOneLab(): Promise<Lab> {
  if (!isAtStripe) return await openLab();
  const standIn = await openStandIn();
  const lab = await openLab({ environment: standIn.environment });
  standIns.set(lab, standIn);
  return lab;
}

/** Plays what is left, one scenario after another, and closes the lab. */
async function work(lab: Lab): Promise<void> {
  try {
    for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
      const faults = await play(lab, scenario).catch((error: unknown) => [String(error)]);
      for (const fault of faults) report(`${describe(scenario)}: ${fault}`);
      played += 1;
      if (played % 20 === 0) console.log(`  ${played} of ${scenarios.length} scenarios played`);
    }
  } finally {
    kills += lab.front.deaths + lab.back.deaths;
    await standIns.get(lab)?.close();
    await lab.close();
  }
}

function report(failure: string): void {
  failures.push(failure);
  console.log(`FAILED ${failure}`);
}

/** Plays the story undisturbed and notes every failpoint it passes, each time it passes it. */
async function singleDeaths(lab: Lab, story: Story): Promise<Scenario[]> {
  const scene = await story.prepare(lab);
  let back: string[] = [];
  const front = await lab.front.record(async () => {
    back = await lab.back.record(async () => {
      attempts.push(await scene.play());
      await untilAtRest(lab);
    });
  });
  const deathsOf = (process: "front" | "back", points: readonly string[]) => {
    const hits = new Map<string, number>();
    return points
      .filter((point) => !isLeftOut(point))
      .map((point) => {
        const hit = (hits.get(point) ?? 0) + 1;
        hits.set(point, hit);
        return { story, deaths: [{ process, point, hit }] };
      });
  };
  return [...deathsOf("front", front), ...deathsOf("back", back)];
}

function isNth(every: number): (scenario: Scenario, index: number) => boolean {
  return (_scenario, index) => index % every === 0;
}

/** Work that goes on by itself would make the count of points a matter of chance; an answered question has changed nothing yet. */
function isLeftOut(point: string): boolean {
  return (
    /\.(Deliver|GetTrust|ListPayments)\.|^outbox\./.test(point) ||
    /\.(Get|List|Describe|Convert|Check)\w*\.answered$/.test(point)
  );
}

/** Two deaths in one story: the second in the same process after its restart, or in the other one. */
function pairedDeaths(singles: readonly Scenario[], count: number, seed: number): Scenario[] {
  const random = seededRandom(seed);
  const pairs: Scenario[] = [];
  for (let index = 0; index < count && singles.length > 0; index += 1) {
    const first = singles[Math.floor(random() * singles.length)];
    const siblings = singles.filter(({ story }) => story === first?.story);
    const second = siblings[Math.floor(random() * siblings.length)];
    if (first && second) pairs.push({ story: first.story, deaths: [...first.deaths, ...second.deaths] });
  }
  return pairs;
}

async function play(lab: Lab, { story, deaths }: Scenario): Promise<string[]> {
  const scene = await story.prepare(lab);
  for (const process of [lab.front, lab.back]) {
    await process.arm(deaths.filter((death) => death.process === process.name));
  }
  const attempt = await scene.play();
  attempts.push(attempt);
  for (const process of [lab.front, lab.back]) await process.arm([]);
  await untilAtRest(lab);
  const findings = await audit(booksOf(lab.databases), { restSeconds: 0 }, systemClock);
  const broken = findings.flatMap(({ invariant, violations }) =>
    violations.map((text) => `${invariant.id}: ${text}`),
  );
  return [...broken, ...(await contradictions(lab, [attempt])), ...(await scene.verify(attempt))];
}

function describe({ story, deaths }: Scenario): string {
  return `${story.name} [${deaths.map(({ process, point, hit }) => `${process} ${point}#${hit}`).join(" then ")}]`;
}

function printTable(singles: number, pairs: number): void {
  const acknowledged = attempts.filter(({ answer }) => answer.kind === "acknowledged").length;
  const refused = attempts.filter(({ answer }) => answer.kind === "refused").length;
  console.log(
    [
      "",
      "| crash matrix | |",
      "| --- | --- |",
      `| single crash points | ${singles} |`,
      `| pairs of crashes | ${pairs} |`,
      `| processes killed | ${kills} |`,
      `| orders acknowledged | ${acknowledged} |`,
      `| orders refused | ${refused} |`,
      `| violations | ${failures.length} |`,
      "",
    ].join("\n"),
  );
}
