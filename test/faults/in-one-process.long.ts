// The table of services/resilience.ts in one process: the states that a real process cannot be brought into, and the others as well.
// Between the services stands a network on which one of them at a time is slow, fails, is gone, or answers now and then.
import assert from "node:assert/strict";
import { after, it } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import { acts, cells, matrix, type Act, type Row } from "../../services/resilience.ts";
import { admin, openShop } from "../journeys/open-shop.ts";
import { usualLimits } from "../lab/patient-limits.ts";
import { People } from "./acts.ts";
import { FaultyNetwork } from "./faulty-network.ts";

const network = new FaultyNetwork();
after(() => network.heal());
const shop = await openShop({}, { network: network.carry, environment: usualLimits });
const people = new People(shop.origin, await signInStaff(), admin);
const services = cells().filter(({ dependency }) => (matrix[dependency] as Row).is === "service");

await people.comeIn();
let broken = "";
for (const cell of services)
  it(cell.name, async () => {
    const { dependency, state, outcome } = cell;
    const fault = `${dependency} ${state}`;
    if (fault !== broken) {
      network.heal();
      await eventually("everything works again", async () => (await faultsOfAll()).length === 0);
      await people.comeIn();
      network.break(dependency, state);
      broken = fault;
    }
    let faults = await people.judge(cell);
    // What was heard within the last second counts as new, and nothing is said of it.
    if (outcome.kind === "degraded" && faults.length > 0)
      await eventually(`${cell.name} is as promised: ${faults.join("; ")}`, async () => {
        faults = await people.judge(cell);
        return faults.length === 0;
      });
    assert.deepEqual(faults, []);
  });

async function faultsOfAll(): Promise<string[]> {
  const faults: string[] = [];
  for (const act of Object.keys(acts) as Act[])
    faults.push(...(await people.judge({ act, outcome: { kind: "ok" }, state: "slow" })));
  return faults;
}

async function signInStaff(): Promise<string> {
  const answer = await fetch(`${shop.origin}/api/users/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(admin),
  });
  return ((await answer.json()) as { token: string }).token;
}
