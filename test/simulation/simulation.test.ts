// Seeded fault simulation: the real services on the real database in one process, with a network that loses, delays, repeats
// and reorders calls, and a clock that is wrong. SIMULATION_SEEDS and SIMULATION_FROM choose the seeds.
import assert from "node:assert/strict";
import { after, it } from "node:test";
import type { Attempt } from "../lab/buyer.ts";
import { compareHistory } from "../lab/history.ts";
import { openBackEnd } from "../lab/whole-shop.ts";
import { createFaultyNetwork } from "./faulty-network.ts";
import { playSeed } from "./scenario.ts";
import { SimulationClock } from "./simulation-clock.ts";

const seeds = Number(process.env["SIMULATION_SEEDS"] ?? "8");
const from = Number(process.env["SIMULATION_FROM"] ?? "1");

const clock = new SimulationClock();
const network = createFaultyNetwork(clock);
const all: Attempt[] = [];
const shop = await openBackEnd({
  clock,
  network: network.carry,
  environment: { CHECKOUT_LEASE_SECONDS: "1", CHECKOUT_STEP_SECONDS: "20" },
});

for (let seed = from; seed < from + seeds; seed += 1) {
  it(`seed ${seed}: whatever the network does, no unit is sold twice, no card charged twice, no order lost`, async () => {
    clock.skewMs = ((seed * 7919) % 7_200_000) - 3_600_000;
    network.breakWith(seed);
    const attempts = await playSeed(shop, seed, clock);
    network.heal();
    await network.settle();
    await shop.mustBeSound();
    all.push(...attempts);
    const orders = await shop
      .database("order")
      .rows<{ id: string; userId: string; status: string }>(
        `select id, user_id as "userId", status from orders where user_id = any($1) and abandoned_at is null`,
        [attempts.map(({ userId }) => userId)],
      );
    assert.deepEqual(compareHistory(attempts, orders), []);
    assert.deepEqual(
      attempts.filter(({ answer }) => answer.kind === "unknown"),
      [],
    );
  });
}

after(() => {
  const count = (kind: string) => all.filter(({ answer }) => answer.kind === kind).length;
  console.log(`${seeds} seeds: ${count("acknowledged")} orders acknowledged, ${count("refused")} refused.`);
  console.log(`Faults: ${[...network.counts].map(([name, times]) => `${times} ${name}`).join(", ")}.`);
});
