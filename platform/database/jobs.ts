// Work without a caller: repeated for as long as the service runs, by one process at a time where that matters.
import { pause, type Clock } from "#platform/kit/clock.ts";
import type { Database } from "./db.ts";
import { isReason } from "#platform/kit/errors.ts";
import { newId, randomFraction } from "#platform/kit/ids.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { jobRuns } from "#platform/telemetry/metrics.ts";

export interface Job {
  /** kebab-case, unique within the service. */
  readonly name: string;
  readonly everyMs: number;
  /** One process at a time, on schedule across restarts (needs the database); otherwise every process runs it by itself. */
  readonly isExclusive: boolean;
  /** Must be safe to run again after a crash; stops soon after `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** How many rows a sweep takes at once: few enough that nobody waits for its locks. */
export const sweepSize = 500;

/**
 * A sweep in small batches: `sweep` takes up to `size` rows and says how many it took, and comes again until there were fewer, or
 * `signal` aborts.
 */
export async function sweepAll(
  signal: AbortSignal,
  sweep: (size: number) => Promise<number>,
  size = sweepSize,
): Promise<void> {
  let taken = size;
  while (taken >= size && !signal.aborted) taken = await sweep(size);
}

export interface JobRunnerOptions {
  readonly service: string;
  readonly db: Database | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** After a crash, another process takes an exclusive job over when this has passed. */
const leaseSeconds = 15;
const renewEveryMs = 5_000;
/** What is this much further ahead than it can be was written by a clock that was ahead. */
const aheadMs = 5_000;
/** A turn is never looked for more often than this, nor less often than that, however far away it is. */
const waitMinMs = 50;
const waitMaxMs = 300_000;

/**
 * Runs the jobs until `signal` aborts. A job that fails is logged (an outage of the database once), counted and run again at its
 * next turn; of an exclusive one `jobs.last_error` keeps what its last run said. An exclusive job
 * is held by a lease that is renewed while it runs; when the lease cannot be kept, the job's own signal aborts.
 */
export async function runJobs(
  jobs: readonly Job[],
  options: JobRunnerOptions,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(jobs.map((job) => repeat(job, options, signal)));
}

async function repeat(job: Job, options: JobRunnerOptions, signal: AbortSignal): Promise<void> {
  const { service, db, clock, log } = options;
  const turn = job.isExclusive && db ? new ExclusiveTurn(job, db, options) : undefined;
  let isAway = false;
  while (!signal.aborted) {
    // Spread over processes, so that replicas do not all knock at once.
    let waitMs = job.everyMs * (0.9 + 0.2 * randomFraction());
    try {
      const dueInMs = turn ? await turn.take() : 0;
      if (dueInMs > 0) waitMs = Math.min(Math.max(dueInMs, waitMinMs), waitMaxMs);
      else {
        await (turn ? turn.run(signal) : job.run(signal));
        jobRuns.inc({ service, job: job.name, outcome: "ok" });
      }
      if (isAway) log.info({ job: job.name }, "A background job has its database again.");
      isAway = false;
    } catch (error) {
      jobRuns.inc({ service, job: job.name, outcome: "failed" });
      const wasAway = isAway;
      isAway = isReason(error, "DATABASE_UNAVAILABLE");
      // An outage is told of once for each job: some look twice a second.
      if (!signal.aborted && !(isAway && wasAway))
        log.error({ err: error, job: job.name }, "A background job failed; it runs again at its next turn.");
    }
    await pause(clock, waitMs, signal);
  }
}

/** The right of one process to run a job, kept in the database on its clock. */
class ExclusiveTurn {
  readonly #job: Job;
  readonly #db: Database;
  readonly #options: JobRunnerOptions;
  readonly #owner = newId();

  constructor(job: Job, db: Database, options: JobRunnerOptions) {
    this.#job = job;
    this.#db = db;
    this.#options = options;
  }

  /** 0 when the turn is ours now, else in how many milliseconds to ask again. */
  async take(): Promise<number> {
    const { name } = this.#job;
    const waiting = await this.#db.row<{ runWaitMs: number; leaseWaitMs: number }>(
      `select extract(epoch from next_run_at - now())::float8 * 1000 as "runWaitMs",
         coalesce(extract(epoch from lease_until - now()), 0)::float8 * 1000 as "leaseWaitMs" from jobs
       where name = $1 and (next_run_at > now() or lease_until > now())`,
      [name],
    );
    if (waiting) {
      const { runWaitMs, leaseWaitMs } = waiting;
      const isAhead = runWaitMs > this.#job.everyMs + aheadMs || leaseWaitMs > leaseSeconds * 1000 + aheadMs;
      if (!isAhead) return Math.max(runWaitMs, leaseWaitMs);
      await this.#comeBack();
      return waitMinMs;
    }
    const taken = await this.#db.run(
      `insert into jobs (name, owner, lease_until) values ($1, $2, now() + make_interval(secs => $3))
       on conflict (name) do update set owner = excluded.owner, lease_until = excluded.lease_until
       where jobs.next_run_at <= now() and (jobs.lease_until is null or jobs.lease_until < now())`,
      [name, this.#owner, leaseSeconds],
    );
    return taken === 1 ? 0 : waitMinMs;
  }

  /** Times further ahead than any that are written were written before the clock went back: nobody waits for them. */
  async #comeBack(): Promise<void> {
    await this.#db.run(
      `update jobs set next_run_at = least(next_run_at, now()),
         lease_until = case when lease_until is not null then least(lease_until, now() + make_interval(secs => $2)) end
       where name = $1`,
      [this.#job.name, leaseSeconds],
    );
  }

  /** Runs the job and gives the turn back, also after a failure. A job that was told to stop stays due. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const done = new AbortController();
    const lost = this.#keep(done.signal, stop);
    let lastError: string | null = null;
    try {
      await this.#job.run(AbortSignal.any([signal, stop.signal]));
    } catch (error) {
      lastError = (error instanceof Error ? error.message : String(error)).slice(0, 500);
      throw error;
    } finally {
      done.abort();
      await lost;
      const delayMs = signal.aborted || stop.signal.aborted ? 0 : this.#job.everyMs;
      await this.#db.run(
        `update jobs set owner = null, lease_until = null, next_run_at = now() + make_interval(secs => $3), last_error = $4
         where name = $1 and owner = $2`,
        [this.#job.name, this.#owner, delayMs / 1000, lastError],
      );
    }
  }

  /** Renews the lease until `done`; aborts `stop` when another process has it, or when it would have ended by now. */
  async #keep(done: AbortSignal, stop: AbortController): Promise<void> {
    const { clock, log } = this.#options;
    let heldUntilMs = clock.monotonicMs() + leaseSeconds * 1000;
    while (!done.aborted && !stop.signal.aborted) {
      await pause(clock, renewEveryMs, done);
      if (done.aborted) return;
      const askedAtMs = clock.monotonicMs();
      const renewed = await this.#renew().catch(() => undefined);
      if (renewed === true) heldUntilMs = askedAtMs + leaseSeconds * 1000;
      if (renewed === false || clock.monotonicMs() >= heldUntilMs) {
        log.warn(
          { job: this.#job.name },
          "A background job lost its turn to another process and is stopped.",
        );
        stop.abort(new Error("The job lost its turn to another process."));
      }
    }
  }

  async #renew(): Promise<boolean> {
    const renewed = await this.#db.run(
      "update jobs set lease_until = now() + make_interval(secs => $3) where name = $1 and owner = $2",
      [this.#job.name, this.#owner, leaseSeconds],
    );
    return renewed === 1;
  }
}
