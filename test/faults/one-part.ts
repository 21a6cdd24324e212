// One row of the table on a shop in this process, whose part stands outside of it and is broken for real.
import assert from "node:assert/strict";
import { it } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import { acts, cells, type Act, type Dependency, type FaultState } from "../../services/resilience.ts";
import { admin, type ShopUnderTest } from "../journeys/open-shop.ts";
import { People } from "./acts.ts";

export interface OutsidePart {
  break(state: FaultState): Promise<void> | void;
  heal(): Promise<void> | void;
}

/** A test for each cell of the row: people see what it promises, and everything again when the part is well. */
export function playRow(shop: ShopUnderTest, dependency: Dependency, part: OutsidePart): void {
  let people: Promise<People> | undefined;
  let broken: FaultState | undefined;
  for (const cell of cells().filter((one) => one.dependency === dependency))
    it(cell.name, async () => {
      const who = await (people ??= enter(shop.origin));
      if (broken !== cell.state) {
        await part.heal();
        await eventually("everything works again", async () => (await faultsOfAll(who)).length === 0, 30);
        await who.comeIn();
        await part.break(cell.state);
        broken = cell.state;
      }
      let faults = await who.judge(cell);
      // What was heard within the last second counts as new, and nothing is said of it.
      if (cell.outcome.kind === "degraded" && faults.length > 0)
        await eventually(`${cell.name} is as promised: ${faults.join("; ")}`, async () => {
          faults = await who.judge(cell);
          return faults.length === 0;
        });
      assert.deepEqual(faults, []);
    });
  it(`fault/${dependency.replace(" ", "-")}/recovery`, async () => {
    await part.heal();
    const who = await (people ??= enter(shop.origin));
    await eventually("everything works again", async () => (await faultsOfAll(who)).length === 0, 30);
  });
}

async function enter(origin: string): Promise<People> {
  const answer = await fetch(`${origin}/api/users/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(admin),
  });
  const { token } = (await answer.json()) as { token: string };
  const people = new People(origin, token, admin);
  await people.comeIn();
  return people;
}

async function faultsOfAll(people: People): Promise<string[]> {
  const faults: string[] = [];
  for (const act of Object.keys(acts) as Act[])
    faults.push(...(await people.judge({ act, outcome: { kind: "ok" }, state: "slow" })));
  return faults;
}
