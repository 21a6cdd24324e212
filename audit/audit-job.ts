import { Gauge } from "prom-client";
import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import type { Job } from "#platform/database/jobs.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { tellCheckedRules } from "#platform/operations/checked-rules.ts";
import { registry } from "#platform/telemetry/metrics.ts";
import { booksOf, openAuditor } from "./audit.ts";

const violationsGauge = new Gauge({
  name: "stoa_invariant_violations",
  help: "Things that break a rule about money, stock or orders, by rule, at the last look of the audit; anything but 0 wants a person. stoa check says more.",
  labelNames: ["invariant"] as const,
  registers: [registry],
});

const lookedAtGauge = new Gauge({
  name: "stoa_invariants_checked_timestamp_seconds",
  help: "Unix time at which the audit last came to the end of a look at all rules; when it stands still, nobody audits.",
  registers: [registry],
});

/** Work younger than this may still be under way. */
const restSeconds = 15;
/** Of each rule, so many violations are said aloud in each look; the metric tells how many there are. */
const linesMax = 20;

/** The audit on a schedule: shows the count of each rule's violations and says them aloud. */
export function auditJob(
  databases: ReadonlyMap<string, Database>,
  clock: Clock,
  log: Logger,
  everyMs: number,
): Job {
  const auditor = openAuditor(booksOf(databases), { scope: { restSeconds }, clock });
  return {
    name: "audit",
    everyMs,
    isExclusive: false,
    run: async (signal) => {
      const found = await auditor.look(signal);
      for (const { invariant, violations } of found) {
        violationsGauge.set({ invariant: invariant.id }, violations.length);
        for (const violation of violations.slice(0, linesMax)) {
          log.error({ invariant: invariant.id, violation }, `A rule is broken: ${invariant.sentence}`);
        }
      }
      const rules = found.map(({ invariant: { id, sentence }, violations }) => {
        return { id, sentence, violations: violations.length };
      });
      tellCheckedRules({ checkedAtMs: clock.now().getTime(), everyMs, rules });
      lookedAtGauge.set(Math.floor(clock.now().getTime() / 1000));
    },
  };
}
