/**
 * Plays the table of services/resilience.ts on a shop of real processes: each part in turn is stopped (slow), killed (gone), reset now and
 * then (flaky), or has its tables locked or its database closed; then people do everything they do, and see what the table
 * promises, in time. Afterwards all of it must work again within ten seconds, and at the end the books must be sound.
 * `--only catalog,user` names parts, `--states slow,gone` states; all of them when not said. Prints "N passed, N failed".
 */
import { parseArgs } from "node:util";
import { audit, booksOf } from "../../audit/audit.ts";
import { systemClock } from "#platform/kit/clock.ts";
import {
  acts,
  cells,
  matrix,
  type Act,
  type Cell,
  type Dependency,
  type Row,
} from "../../services/resilience.ts";
import { openLinkedShop, type LinkedShop } from "../lab/linked-shop.ts";
import { untilAtRest } from "../lab/rest.ts";
import { People } from "./acts.ts";
import { breakProcess } from "./process-bed.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(matrix).join(",") },
    states: { type: "string", default: "slow,gone,flaky" },
  },
});

const admin = { email: "admin@example.com", password: "the keys of the colonnade" };
const recoveryMs = 10_000;
const newMs = 2_000;
const tally = { passed: 0, failed: 0 };

const shop = await openLinkedShop({
  links: ({ from, to }) => options.states.includes("flaky") && to !== "database" && from !== to,
  environment: { ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
});
try {
  const people = new People(shop.origin, await signInStaff(shop.origin), admin);
  for (const [dependency, state] of faultsWanted())
    await play(
      shop,
      people,
      cells().filter((cell) => cell.dependency === dependency && cell.state === state),
    );
  await judge("books", async () => await unsoundIn(shop));
} finally {
  await shop.close();
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed > 0 ? 1 : 0);

function faultsWanted(): (readonly [Dependency, Cell["state"]])[] {
  const [only, states] = [options.only.split(","), options.states.split(",")];
  const wanted = cells().filter(
    ({ dependency, state }) => only.includes(dependency) && states.includes(state),
  );
  return [
    ...new Map(
      wanted.map(({ dependency, state }) => [`${dependency} ${state}`, [dependency, state] as const]),
    ).values(),
  ];
}

async function play(at: LinkedShop, people: People, own: readonly Cell[]): Promise<void> {
  const [first] = own;
  if (!first) return;
  const { dependency, state } = first;
  const row: Row = matrix[dependency];
  await people.comeIn();
  const began = systemClock.monotonicMs();
  const heal = await breakProcess(at, dependency, row, state);
  if (!heal) return;
  try {
    for (const cell of own) await judge(cell.name, async () => await untilSaid(people, cell));
  } finally {
    await heal();
  }
  const name = first.name.replace(/[^/]+$/, "recovery");
  await judge(name, async () => await untilWell(people));
  console.log(`${dependency} ${state}: ${Math.round((systemClock.monotonicMs() - began) / 100) / 10} s`);
}

async function judge(name: string, work: () => Promise<string[]>): Promise<void> {
  const faults = await work().catch((error: unknown) => [String(error)]);
  tally[faults.length > 0 ? "failed" : "passed"] += 1;
  for (const fault of faults) console.log(`FAILED ${name}: ${fault}`);
}

/** What was heard within the last second counts as new, and nothing is said of it. */
async function untilSaid(people: People, cell: Cell): Promise<string[]> {
  const untilMs = systemClock.monotonicMs() + (cell.outcome.kind === "degraded" ? newMs : 0);
  for (;;) {
    const faults = await people.judge(cell);
    if (faults.length === 0 || systemClock.monotonicMs() > untilMs) return faults;
  }
}

/** Everything works again, without anybody's hand. */
async function untilWell(people: People): Promise<string[]> {
  const untilMs = systemClock.monotonicMs() + recoveryMs;
  for (;;) {
    const faults: string[] = [];
    for (const act of Object.keys(acts) as Act[])
      faults.push(...(await people.judge({ act, outcome: { kind: "ok" }, state: "slow" })));
    if (faults.length === 0 || systemClock.monotonicMs() > untilMs) return faults;
    await systemClock.sleep(200);
  }
}

async function signInStaff(origin: string): Promise<string> {
  const answer = await fetch(`${origin}/api/users/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(admin),
  });
  const { token } = (await answer.json()) as { token: string };
  return token;
}

async function unsoundIn(at: LinkedShop): Promise<string[]> {
  const databases = at.databases();
  await untilAtRest({ databases });
  const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
  return findings.flatMap(({ invariant, violations }) =>
    violations.map((line) => `${invariant.id}: ${line}`),
  );
}
