// Waiting work: one table and one policy for everything that is done after its request. docs/decisions/0018-waiting-work.md
import { randomFraction } from "#platform/kit/ids.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import type { Scope } from "#platform/rpc/scope.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { outboxLag } from "#platform/telemetry/database-metrics.ts";
import { taskDead, taskDue, taskOldestSeconds } from "#platform/telemetry/metrics.ts";
import { traceparentOf, type TraceContext } from "#platform/telemetry/trace.ts";
import { Bell } from "./bell.ts";
import type { Database, Queryable, Tx } from "./db.ts";
import type { Job } from "./jobs.ts";
import { isDelivery } from "./outbox-store.ts";
import { completeTask, deleteDone, insertTask, insertTasksOf, listTaskStates } from "./tasks-store.ts";

/** How long, how often and how many at once. Delays double from the first to the longest, and are spread by a quarter either way. */
export interface TaskPolicy {
  readonly firstDelaySeconds: number;
  readonly delayMaxSeconds: number;
  /** Failed tries until it is given up; "never" goes on at the longest delay. */
  readonly attemptsMax: number | "never";
  /** A try that takes longer has failed, though it may still be going on: work must be safe to repeat and to overlap. */
  readonly timeoutSeconds: number;
  /** In one process. Those that have failed three times have half as many places of their own, and take none from the others. */
  readonly parallelMax: number;
}

const policyDefault: TaskPolicy = {
  firstDelaySeconds: 2,
  delayMaxSeconds: 300,
  attemptsMax: 20,
  timeoutSeconds: 30,
  parallelMax: 4,
};

/** A task in hand. */
export interface Task<Payload = unknown> {
  readonly key: string;
  /** As it was written, perhaps by an earlier release. */
  readonly payload: Payload;
  /** 1 at the first try. */
  readonly attempt: number;
  /** Of the request that caused it; what this try causes is part of the same trace. */
  readonly trace: TraceContext;
  /** Ends when the try has taken too long. */
  readonly scope: Scope;
  /** To hand to client calls: time, trace and a request id of its own travel. */
  readonly call: CallOptions;
  readonly log: Logger;
}

/** One kind of waiting work of a service. */
export interface TaskDefinition {
  /** kebab-case, a verb first; unique within the service. */
  readonly name: string;
  readonly policy: TaskPolicy;
  run(task: Task<never>): Promise<void>;
  onDead?(tx: Tx, task: Task<never>, message: string): Promise<void>;
}

/**
 * Declares waiting work. `run` returns when it is done, and throws when it is not: TaskRefused when it never can be,
 * TaskPostponed when it is not its turn. It must be safe to repeat, also by two processes at once. `onDead` is for what shall
 * be true when it is given up, in the same transaction.
 */
export function defineTask<Payload>(task: {
  readonly name: string;
  readonly policy?: Partial<TaskPolicy>;
  readonly run: (task: Task<Payload>) => Promise<void>;
  readonly onDead?: (tx: Tx, task: Task<Payload>, message: string) => Promise<void>;
}): TaskDefinition {
  return { ...task, policy: { ...policyDefault, ...task.policy } };
}

/** It can never be done: another try would end the same. The task is given up at once. */
export class TaskRefused extends Error {
  override readonly name = "TaskRefused";
}

/** It cannot be tried now, for instance because somebody else is at it. Does not count as a try. */
export class TaskPostponed extends Error {
  override readonly name = "TaskPostponed";
  readonly delaySeconds: number;
  constructor(delaySeconds: number) {
    super(`The task is tried again in ${delaySeconds} s.`);
    this.delaySeconds = delaySeconds;
  }
}

/** Seconds until the next try, after `attempts` failed ones. */
export function retryDelaySeconds(
  { firstDelaySeconds, delayMaxSeconds }: Pick<TaskPolicy, "firstDelaySeconds" | "delayMaxSeconds">,
  attempts: number,
): number {
  const delay = Math.min(delayMaxSeconds, firstDelaySeconds * 2 ** Math.min(attempts - 1, 30));
  return delay * (0.75 + 0.5 * randomFraction());
}

/** True when no further try is made. */
export function isGivenUp({ attemptsMax }: Pick<TaskPolicy, "attemptsMax">, attempts: number): boolean {
  return attemptsMax !== "never" && attempts >= attemptsMax;
}

/** What made something happen: a call, a task, or an event that was heard. */
export interface Cause {
  readonly trace?: TraceContext | undefined;
}

export interface NewTask {
  readonly name: string;
  /** One task for each name and key. */
  readonly key: string;
  /** JSON. Ids rather than what they name: it is kept for a day after it is done. */
  readonly payload?: object;
  /** A head start for whoever tries it first, such as the request that writes it. */
  readonly delaySeconds?: number;
}

/** The waiting work of one service: written here, done by its runner (`runTasks`) in any process of the service. */
export class Tasks {
  readonly #service: string;
  readonly #bell = new Bell();
  #names: ReadonlySet<string> = new Set();

  constructor(service: string) {
    this.#service = service;
  }

  /** Rings when a task of this process may be due. */
  get bell(): Bell {
    return this.#bell;
  }

  /** Says which names there are. Throws when one stands twice. */
  declare(definitions: readonly TaskDefinition[]): void {
    const names = definitions.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new Error(`The ${this.#service} service has two tasks named ${twice}.`);
    this.#names = new Set(names);
  }

  /** Writes a task as part of `tx`, so that it waits if and only if its cause happened. One that is there already stays. */
  async add(tx: Tx, cause: Cause, { name, key, payload = {}, delaySeconds = 0 }: NewTask): Promise<void> {
    this.#requireName(name);
    const traceparent = cause.trace ? traceparentOf(cause.trace) : null;
    await insertTask(tx, { name, key, payload: JSON.stringify(payload), traceparent, delaySeconds });
    if (delaySeconds === 0) tx.onCommit(() => this.#bell.ring());
  }

  /**
   * Writes a task for every row of a query (key text, payload jsonb) that has none yet: what was left behind, or written by a
   * release that knew no tasks. `text` is a constant of a store.
   */
  async collect(db: Queryable, name: string, text: string, values: readonly unknown[] = []): Promise<void> {
    this.#requireName(name);
    if ((await insertTasksOf(db, name, text, values)) > 0) this.#bell.ring();
  }

  /** Notes in the transaction of the effect that the work is done. Without a task it changes nothing. */
  async complete(db: Queryable, name: string, key: string): Promise<void> {
    await completeTask(db, name, key);
  }

  #requireName(name: string): void {
    if (!this.#names.has(name))
      throw new Error(`The ${this.#service} service has no task named ${name}. List it in its parts.`);
  }
}

const stateEveryMs = 5_000;

/** Shows how the waiting work of a service stands: stoa_tasks_due, stoa_tasks_dead and stoa_tasks_oldest_seconds by name, and stoa_outbox_lag_seconds. */
export function showTaskStates(service: string, db: Database, names: readonly string[]): Job {
  const shown = new Set(names);
  return {
    name: "show-task-states",
    everyMs: stateEveryMs,
    isExclusive: false,
    run: async () => {
      const states = new Map((await listTaskStates(db)).map((state) => [state.name, state]));
      for (const name of states.keys()) shown.add(name);
      let lagSeconds: number | undefined;
      for (const name of shown) {
        const { due, dead, oldestSeconds } = states.get(name) ?? { due: 0, dead: 0, oldestSeconds: 0 };
        taskDue.set({ service, name }, due);
        taskDead.set({ service, name }, dead);
        taskOldestSeconds.set({ service, name }, oldestSeconds);
        if (isDelivery(name)) lagSeconds = Math.max(lagSeconds ?? 0, oldestSeconds);
      }
      if (lagSeconds !== undefined) outboxLag.set({ service }, lagSeconds);
    },
  };
}

/** Forgets what was done more than a day ago. */
export function forgetDoneTasks(db: Database): Job {
  return {
    name: "forget-done-tasks",
    everyMs: 3_600_000,
    isExclusive: true,
    run: async () => await deleteDone(db),
  };
}
