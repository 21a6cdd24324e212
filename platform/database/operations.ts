// What operators ask of a service with a database: its waiting work. The runner binds it for each of them.
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { OperationsService, TaskStatus } from "#gen/stoa/platform/v1/operations_pb.js";
import { recordActivity } from "#platform/activity/activity.ts";
import { listActivity } from "#platform/activity/activity-rpc.ts";
import { requireAdminOrService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import { bindRpcs, type BoundService, type Call } from "#platform/rpc/contract.ts";
import type { Database, Queryable } from "./db.ts";
import { readDatabaseFigures } from "#platform/operations/database-store.ts";
import type { UnderWayStore } from "#platform/operations/under-way.ts";
import { findFact } from "./facts.ts";
import {
  discardTasks,
  listTasks,
  listTaskStates,
  retryTasks,
  type ListedTask,
  type TaskFilter,
  type TaskStatus as Status,
} from "./tasks-store.ts";

const limitDefault = 100;
const limitMax = 1_000;

const statuses: { readonly [asked in TaskStatus]: Status } = {
  [TaskStatus.UNSPECIFIED]: "dead",
  [TaskStatus.WAITING]: "waiting",
  [TaskStatus.DEAD]: "dead",
  [TaskStatus.DONE]: "done",
};
const answers: { readonly [status in Status]: TaskStatus } = {
  waiting: TaskStatus.WAITING,
  dead: TaskStatus.DEAD,
  done: TaskStatus.DONE,
};

/** Answers OperationsService from the service's own database, for admins and other services. */
export function bindOperations(db: Database, underWay: UnderWayStore = nothingUnderWay): BoundService {
  return bindRpcs(OperationsService, undefined, {
    async listTasks(_, request, call) {
      requireAdminOrService(call);
      const { status, name, key, limit } = request;
      if (limit > limitMax) throw invalid([{ path: "limit", message: `must be at most ${limitMax}` }]);
      const wanted = statuses[status] as Status | undefined;
      if (wanted === undefined) throw invalid([{ path: "status", message: "must be a status of a task" }]);
      const [tasks, states] = await Promise.all([
        listTasks(db, wanted, { name: name || null, key: key || null }, limit || limitDefault),
        listTaskStates(db),
      ]);
      return { tasks: tasks.map(taskMessage), states };
    },
    async retryTasks(_, { name, key, ...decision }, call) {
      requireAdminOrService(call);
      if (key !== "" && name === "")
        throw invalid([{ path: "name", message: "is required where a key is given" }]);
      return { count: await decide(db, call, { action: "task.retry", name, key, ...decision }, retryTasks) };
    },
    async discardTasks(_, { name, key, ...decision }, call) {
      requireAdminOrService(call);
      if (name === "") throw invalid([{ path: "name", message: "is required" }]);
      return {
        count: await decide(db, call, { action: "task.discard", name, key, ...decision }, discardTasks),
      };
    },
    async listActivity(_, request, call) {
      return await listActivity(db, request, call);
    },
    async listUnderWay(_, { limit }, call) {
      requireAdminOrService(call);
      if (limit > limitMax) throw invalid([{ path: "limit", message: `must be at most ${limitMax}` }]);
      const { items, states } = await underWay(limit || limitDefault);
      return { items: [...items], states: [...states] };
    },
    async getDatabase(_, __, call) {
      requireAdminOrService(call);
      const [figures, lastBackupJson = "", lastDrillJson = ""] = await Promise.all([
        readDatabaseFigures(db),
        findFact(db, "backup.last"),
        findFact(db, "backup.drill"),
      ]);
      return { ...figures, lastBackupJson, lastDrillJson };
    },
  });
}

interface Decision {
  readonly action: `task.${string}`;
  readonly name: string;
  readonly key: string;
  /** The person who decides; whoever calls, where nobody is named. */
  readonly actorUserId: string;
  readonly reason: string;
}

/** Does it to the tasks that are meant, and writes down who wanted it. */
async function decide(
  db: Database,
  call: Call,
  { action, name, key, actorUserId, reason }: Decision,
  act: (tx: Queryable, filter: TaskFilter) => Promise<number>,
): Promise<number> {
  return await db.inTransaction(async (tx) => {
    const count = await act(tx, { name: name || null, key: key || null });
    if (count === 0) return count;
    // A service of ours has let the person in, and says who it is.
    const isNamed = call.service !== undefined && actorUserId !== "";
    const actor = isNamed ? ({ kind: "admin", id: actorUserId } as const) : undefined;
    const subject = { kind: "task", id: [name || "all", key].filter(Boolean).join("/") };
    await recordActivity(tx, { ...(actor && { actor }), action, subject, reason, after: { count }, call });
    return count;
  });
}

const nothingUnderWay: UnderWayStore = () => Promise.resolve({ items: [], states: [] });

function taskMessage({ status, createdAt, nextAttemptAt, lastError, ...task }: ListedTask) {
  return {
    ...task,
    status: answers[status],
    createdAt: timestampFromDate(createdAt),
    nextAttemptAt: timestampFromDate(nextAttemptAt),
    lastError: lastError ?? "",
  };
}
