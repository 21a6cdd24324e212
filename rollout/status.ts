// How rollouts stand, for people: one line for each service, and one for each of its versions.
import type { Driver, Health } from "./driver.ts";
import { slotOf, type RolloutState, type Slot } from "./plan.ts";

/** How one service stands, as lines. */
export async function linesOf(driver: Driver): Promise<string[]> {
  const { state } = await driver.read();
  const lines = [`${driver.service}: ${inWords(state)}`];
  for (const [name, slot] of Object.entries(state.slots)) {
    if (slot.tag === "" && slot.replicas === 0) continue;
    const health = await driver.health({ slot: name, tag: slot.tag });
    lines.push(`  ${lineOf(state, name, slot, health)}`);
  }
  if (state.to !== "")
    lines.push(`  On: stoa rollout promote ${driver.service}. Back: stoa rollout back ${driver.service}.`);
  return lines;
}

function inWords({ strategy, active, to, ...state }: RolloutState): string {
  const way = { rolling: "rolling update", blueGreen: "blue-green", canary: "canary" }[strategy];
  if (strategy === "rolling" || to === "") return `${way}, no rollout under way`;
  const tag = slotOf({ strategy, active, to, ...state }, to).tag;
  if (strategy === "canary") return `${way}, a rollout to ${tag} (${to}) is under way`;
  return active === to
    ? `${way}, ${tag} (${to}) has the traffic, the colour before stands by`
    : `${way}, ${tag} (${to}) is tried, without traffic`;
}

function lineOf(state: RolloutState, name: string, slot: Slot, { wanted, ready, fault }: Health): string {
  const traffic = {
    rolling: "",
    blueGreen: name === state.active ? ", the traffic" : ", no traffic",
    canary: `, ${slot.weight} % of the traffic`,
  };
  const label = name === "" ? "" : `${name}: `;
  return `${label}${slot.tag}, ${ready} of ${wanted} ready${traffic[state.strategy]}${fault === undefined ? "" : `. ${fault}`}`;
}
