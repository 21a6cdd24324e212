// Work without a caller: repeated for as long as the service runs, by one process at a time where that matters.
import { pause, type Clock } from "./clock.ts";
import type { Database } from "./db.ts";
import { newId, randomFraction } from "./ids.ts";
import type { Logger } from "./log.ts";
import { jobRuns } from "./metrics.ts";

export interface Job {
  /** kebab-case, unique within the service. */
  readonly name: string;
  readonly everyMs: number;
  /** One process at a time, on schedule across restarts (needs the database); otherwise every process runs it by itself. */
  readonly isExclusive: boolean;
  /** Must be safe to run again after a crash; stops soon after `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface JobRunnerOptions {
  readonly service: string;
  readonly db: Database | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const leaseSeconds = 60;

/** Runs the jobs until `signal` aborts. A job that fails is logged, counted and run again at its next turn. */
export async function runJobs(
  jobs: readonly Job[],
  options: JobRunnerOptions,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(jobs.map((job) => repeat(job, options, signal)));
}

async function repeat(job: Job, options: JobRunnerOptions, signal: AbortSignal): Promise<void> {
  const { service, clock, log } = options;
  const owner = newId();
  while (!signal.aborted) {
    try {
      if (!job.isExclusive) await job.run(signal);
      else if (options.db) await runClaimed(job, options.db, owner, signal);
      jobRuns.inc({ service, job: job.name, outcome: "ok" });
    } catch (error) {
      jobRuns.inc({ service, job: job.name, outcome: "failed" });
      if (!signal.aborted)
        log.error({ err: error, job: job.name }, "A background job failed; it runs again at its next turn.");
    }
    // Spread over processes, so that replicas do not all knock at once.
    await pause(clock, job.everyMs * (0.9 + 0.2 * randomFraction()), signal);
  }
}

async function runClaimed(job: Job, db: Database, owner: string, signal: AbortSignal): Promise<void> {
  if (!(await claim(db, job, owner))) return;
  try {
    await job.run(signal);
  } finally {
    await db.run(
      "update jobs set owner = null, lease_until = null, next_run_at = now() + make_interval(secs => $3) where name = $1 and owner = $2",
      [job.name, owner, job.everyMs / 1000],
    );
  }
}

async function claim(db: Database, job: Job, owner: string): Promise<boolean> {
  const due = await db.row(
    "select 1 from jobs where name = $1 and (next_run_at > now() or lease_until > now())",
    [job.name],
  );
  if (due) return false;
  const claimed = await db.run(
    `insert into jobs (name, owner, lease_until) values ($1, $2, now() + make_interval(secs => $3))
     on conflict (name) do update set owner = excluded.owner, lease_until = excluded.lease_until
     where jobs.next_run_at <= now() and (jobs.lease_until is null or jobs.lease_until < now())`,
    [job.name, owner, leaseSeconds],
  );
  return claimed === 1;
}
