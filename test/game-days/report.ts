import { deeds, type GameDay, type Phases } from "./game-day.ts";

/** What was asked of a game day, and how it ended. */
export interface Outcome {
  readonly sentence: string;
  readonly holds: boolean;
}

/** The report for whoever was not there. */
export function reportOf(day: GameDay, phases: Phases, outcomes: readonly Outcome[], at: Date): string {
  const isGood = outcomes.every(({ holds }) => holds);
  const rows = (["steady", "fault", "after"] as const).flatMap((phase) =>
    deeds.map((deed) => {
      const { count, failed, p50Ms, p95Ms, degraded, repeated } = phases[phase][deed];
      return `| ${phase} | ${deed} | ${count} | ${failed} | ${p50Ms} | ${p95Ms} | ${degraded} | ${repeated} |`;
    }),
  );
  return [
    `# Game day: ${day.title}`,
    "",
    `${at.toISOString()} · ${isGood ? "**the hypothesis holds**" : "**the hypothesis does not hold**"}`,
    "",
    "## Hypothesis",
    "",
    day.hypothesis,
    "",
    "## Faults",
    "",
    "```json",
    JSON.stringify(day.faults, null, 2),
    "```",
    "",
    "## What people did",
    "",
    "| phase | deed | times | failed | p50 ms | p95 ms | with something missing | asked again |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    "## Verdict",
    "",
    ...outcomes.map(({ sentence, holds }) => `- ${holds ? "held" : "**failed**"}: ${sentence}`),
    "",
  ].join("\n");
}
