// Does the waiting work of one service: claims what is due, tries it, notes what came of it.
import type { Clock } from "#platform/kit/clock.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { Scope } from "#platform/rpc/scope.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { taskAttempts } from "#platform/telemetry/metrics.ts";
import { startSpan, traceFrom, withinWork, type Span } from "#platform/telemetry/trace.ts";
import type { Database } from "./db.ts";
import {
  claimTasks,
  completeTask,
  failTask,
  postponeTask,
  renewTasks,
  type Room,
  type TaskRow,
} from "./tasks-store.ts";
import {
  isGivenUp,
  retryDelaySeconds,
  TaskPostponed,
  TaskRefused,
  type Task,
  type TaskDefinition,
  type Tasks,
} from "./tasks.ts";

export interface TaskRunnerOptions {
  readonly service: string;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tasks: Tasks;
}

/** Whoever looks for due work looks this often, unless something was written in its own process. */
const lookEveryMs = 500;
/** After a crash, another process takes over what it had in hand when this has passed. */
const leaseSeconds = 10;
const renewEveryMs = 3_000;
/** What has failed this often is tried in places of its own. The index of due tasks knows the same number. */
const slowFrom = 3;

/**
 * Works until `signal` aborts, then ends what it has in hand. Any number of processes may do so for one service. Tasks that
 * cannot be done never keep others waiting: each name has its own places, a try that takes too long gives its place back, and
 * what has failed three times is tried in places apart, later and later.
 */
export async function runTasks(
  definitions: readonly TaskDefinition[],
  options: TaskRunnerOptions,
  signal: AbortSignal,
): Promise<void> {
  if (definitions.length > 0) await new TaskRunner(definitions, options).run(signal);
}

interface InHand {
  readonly definition: TaskDefinition;
  readonly row: TaskRow;
}

class TaskRunner {
  readonly #definitions: ReadonlyMap<string, TaskDefinition>;
  readonly #options: TaskRunnerOptions;
  readonly #owner = newId();
  readonly #inHand = new Map<InHand, Promise<void>>();
  #outages = 0;

  constructor(definitions: readonly TaskDefinition[], options: TaskRunnerOptions) {
    this.#definitions = new Map(definitions.map((definition) => [definition.name, definition]));
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, tasks } = this.#options;
    const ended = new AbortController();
    const keeping = this.#keepLeases(ended.signal);
    while (!signal.aborted) {
      // Spread over processes, so that replicas do not all look at once.
      if (!(await this.#claim())) await tasks.bell.wait(clock, lookEveryMs, signal);
    }
    await Promise.all(this.#inHand.values());
    ended.abort();
    await keeping;
  }

  /** True when it is worth looking again at once. */
  async #claim(): Promise<boolean> {
    const { db, log } = this.#options;
    const rooms = this.#rooms();
    if (rooms.length === 0) return false;
    try {
      const rows = await claimTasks(db, rooms, this.#owner, leaseSeconds);
      if (this.#outages > 0) log.info("Waiting work is done again.");
      this.#outages = 0;
      for (const row of rows) this.#take(row);
      return rows.length > 0;
    } catch (error) {
      if (this.#outages === 0)
        log.warn(
          { err: error },
          "Waiting work cannot be read; it is kept and done when the database is back.",
        );
      this.#outages += 1;
      return false;
    }
  }

  #rooms(): Room[] {
    const rooms: Room[] = [];
    for (const { name, policy } of this.#definitions.values()) {
      for (const isSlow of [false, true]) {
        const places = isSlow ? Math.max(1, Math.floor(policy.parallelMax / 2)) : policy.parallelMax;
        const taken = [...this.#inHand.keys()].filter(
          ({ row }) => row.name === name && isSlowTry(row) === isSlow,
        ).length;
        if (places > taken) rooms.push({ name, isSlow, free: places - taken });
      }
    }
    return rooms;
  }

  #take(row: TaskRow): void {
    const definition = this.#definitions.get(row.name);
    if (!definition) return;
    const held = { definition, row };
    const work = this.#attempt(held).finally(() => {
      this.#inHand.delete(held);
      this.#options.tasks.bell.ring();
    });
    this.#inHand.set(held, work);
  }

  /** Never rejects: what cannot even be noted comes up again when its lease has ended. */
  async #attempt({ definition, row }: InHand): Promise<void> {
    const { service, db, clock, log } = this.#options;
    const span = startSpan(service, `task ${row.name}`, "consumer", traceFrom(row.traceparent ?? undefined));
    const scope = new Scope(clock, definition.policy.timeoutSeconds * 1000);
    const task = this.#task(row, span, scope);
    let outcome = "done";
    try {
      if (isGivenUp(definition.policy, row.attempts - 1))
        throw new TaskRefused("The process ended during the last try.");
      await inTime(
        withinWork(service, span.trace, () => definition.run(task)),
        scope,
      );
      await completeTask(db, row.name, row.key);
    } catch (error) {
      outcome = await this.#note(definition, task, row, error).catch((failure: unknown) => {
        log.warn({ err: failure, task: row.name, key: row.key }, "What came of a task could not be noted.");
        return "failed";
      });
    } finally {
      scope.close();
      span.end({
        failed: outcome === "failed" || outcome === "dead",
        attributes: { "task.key": row.key, outcome },
      });
      taskAttempts.inc({ service, name: row.name, outcome });
    }
  }

  #task({ key, payload, attempts }: TaskRow, { trace }: Span, scope: Scope): Task<never> {
    const requestId = newRandomId();
    const log = this.#options.log.child({ requestId, traceId: trace.traceId });
    const call = { requestId, trace, scope };
    return { key, payload: payload as never, attempt: attempts, trace, scope, call, log };
  }

  async #note(
    definition: TaskDefinition,
    task: Task<never>,
    row: TaskRow,
    error: unknown,
  ): Promise<"failed" | "dead" | "postponed"> {
    const { db, log } = this.#options;
    if (error instanceof TaskPostponed) {
      await postponeTask(db, row, this.#owner, error.delaySeconds);
      return "postponed";
    }
    const message = error instanceof Error ? error.message : String(error);
    const isDead = error instanceof TaskRefused || isGivenUp(definition.policy, row.attempts);
    const delaySeconds = retryDelaySeconds(definition.policy, row.attempts);
    const isOurs = await db.inTransaction(async (tx) => {
      const failed = await failTask(tx, row, this.#owner, { message, delaySeconds, isDead });
      if (failed && isDead) await definition.onDead?.(tx, task, message);
      return failed;
    });
    const facts = { err: error, task: row.name, key: row.key, attempts: row.attempts };
    if (isDead && isOurs)
      log.error(
        facts,
        "A task was given up. Mend the cause, then run: stoa tasks retry, with the service, this task and this key.",
      );
    else log.warn(facts, "A task could not be done yet; it is tried again.");
    return isDead ? "dead" : "failed";
  }

  async #keepLeases(ended: AbortSignal): Promise<void> {
    const { db, clock } = this.#options;
    while (!ended.aborted) {
      await clock.sleep(renewEveryMs, ended).catch(() => undefined);
      const held = [...this.#inHand.keys()].map(({ row }) => row);
      // One that fails is made up for by the next: the lease lasts for three.
      if (held.length > 0) await renewTasks(db, held, this.#owner, leaseSeconds).catch(() => undefined);
    }
  }
}

function isSlowTry({ attempts }: TaskRow): boolean {
  return attempts - 1 >= slowFrom;
}

async function inTime(work: Promise<void>, scope: Scope): Promise<void> {
  const late = Promise.withResolvers<never>();
  const detach = scope.onEnd(() => late.reject(new Error("It took longer than a try may take.")));
  try {
    await Promise.race([work, late.promise]);
  } finally {
    detach();
  }
}
