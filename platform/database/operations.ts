// What operators ask of a service with a database: its waiting work. The runner binds it for each of them.
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { OperationsService, TaskStatus } from "#gen/stoa/platform/v1/operations_pb.js";
import { requireAdminOrService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import { bindRpcs, type BoundService } from "#platform/rpc/contract.ts";
import type { Database } from "./db.ts";
import { readDatabaseFigures } from "#platform/operations/database-store.ts";
import type { UnderWayStore } from "#platform/operations/under-way.ts";
import { findFact } from "./facts.ts";
import {
  discardTasks,
  listTasks,
  listTaskStates,
  retryTasks,
  type ListedTask,
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
    async retryTasks(_, { name, key }, call) {
      requireAdminOrService(call);
      if (key !== "" && name === "")
        throw invalid([{ path: "name", message: "is required where a key is given" }]);
      return { count: await retryTasks(db, { name: name || null, key: key || null }) };
    },
    async discardTasks(_, { name, key }, call) {
      requireAdminOrService(call);
      if (name === "") throw invalid([{ path: "name", message: "is required" }]);
      return { count: await discardTasks(db, { name, key: key || null }) };
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
