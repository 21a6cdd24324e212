import { Gauge } from "prom-client";
import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import type { Job } from "#platform/database/jobs.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { registry } from "#platform/telemetry/metrics.ts";
import { audit, booksOf } from "./audit.ts";

const violationsGauge = new Gauge({
  name: "stoa_invariant_violations",
  help: "Things that break a rule about money, stock or orders, by rule; anything but 0 wants a person.",
  labelNames: ["invariant"] as const,
  registers: [registry],
});

/** Work younger than this may still be under way. */
const restSeconds = 15;

/** The audit on a schedule: shows the count of each rule's violations and says each of them aloud. */
export function auditJob(
  databases: ReadonlyMap<string, Database>,
  clock: Clock,
  log: Logger,
  everyMs: number,
): Job {
  return {
    name: "audit",
    everyMs,
    isExclusive: false,
    run: async () => {
      for (const { invariant, violations } of await audit(booksOf(databases), { restSeconds }, clock)) {
        violationsGauge.set({ invariant: invariant.id }, violations.length);
        for (const violation of violations) {
          log.error({ invariant: invariant.id, violation }, `A rule is broken: ${invariant.sentence}`);
        }
      }
    },
  };
}
