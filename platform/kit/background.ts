// What a service does without being asked: its jobs, its waiting work, and what every database needs looked after.
import { sealActivity, trimActivity } from "#platform/activity/activity-jobs.ts";
import { showDatabaseState, showDisk } from "#platform/database/database-state.ts";
import { forgetApplied } from "#platform/database/inbox.ts";
import { runJobs } from "#platform/database/jobs.ts";
import type { Outbox } from "#platform/database/outbox.ts";
import { runTasks } from "#platform/database/task-runner.ts";
import { forgetDoneTasks, showTaskStates, type Tasks } from "#platform/database/tasks.ts";
import type { Database } from "#platform/database/db.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Clock } from "./clock.ts";
import type { ServiceParts } from "./service.ts";

/** An open service as its background work sees it. */
export interface BackgroundOptions {
  readonly service: string;
  readonly parts: ServiceParts;
  readonly db: Database | undefined;
  readonly tasks: Tasks;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: { readonly ACTIVITY_KEPT_DAYS: number };
}

/** Runs the background work of one service until `signal` aborts. */
export async function runBackground(options: BackgroundOptions, signal: AbortSignal): Promise<void> {
  const { service, parts, db, tasks, outbox, clock, log, config } = options;
  const own = parts.jobs ?? [];
  if (!db) return await runJobs(own, { service, db, clock, log }, signal);
  const definitions = parts.tasks ?? [];
  const names = [...definitions.map(({ name }) => name), ...outbox.taskNames];
  const jobs = [
    ...own,
    sealActivity(db, log),
    trimActivity(db, config.ACTIVITY_KEPT_DAYS),
    showDatabaseState(service, db),
    ...(parts.inbox ? [forgetApplied(db)] : []),
    ...(names.length > 0 ? [showTaskStates(service, db, names), forgetDoneTasks(db)] : []),
  ];
  await Promise.all([
    runJobs(jobs, { service, db, clock, log }, signal),
    runTasks(definitions, { service, db, clock, log, tasks }, signal),
    outbox.relay(signal),
  ]);
}

/** Runs what a process looks after once, whatever services are in it, until `signal` aborts. */
export async function watchProcess(
  dataFolder: string,
  { clock, log }: Pick<BackgroundOptions, "clock" | "log">,
  signal: AbortSignal,
): Promise<void> {
  await runJobs([showDisk(dataFolder)], { service: "process", db: undefined, clock, log }, signal);
}
