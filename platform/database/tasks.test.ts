import assert from "node:assert/strict";
import { after, it } from "node:test";
import { openDatabase, type Database } from "./db.ts";
import { migrate, platformMigrations, readMigrations } from "./migrate.ts";
import { runTasks } from "./task-runner.ts";
import { listTasks, retryTasks } from "./tasks-store.ts";
import {
  defineTask,
  forgetDoneTasks,
  retryDelaySeconds,
  showTaskStates,
  TaskPostponed,
  TaskRefused,
  Tasks,
  type Task,
  type TaskDefinition,
} from "./tasks.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog, type Logger } from "#platform/telemetry/log.ts";
import { taskDead, taskDue, taskOldestSeconds } from "#platform/telemetry/metrics.ts";
import { findRecentTrace } from "#platform/telemetry/recent-traces.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { makeDue, workOff } from "#platform/testing/tasks.ts";
import { eventually } from "#platform/testing/test-clock.ts";

async function openTasks(): Promise<Database> {
  const url = await testDatabaseUrl("tasks");
  await migrate(url, await readMigrations("platform", platformMigrations));
  const db = openDatabase({ url, name: "tasks", connectionsMax: 8, clock: systemClock, log: silentLog });
  after(async () => await db.close());
  return db;
}

/** A process of the service; returns how it is told to stop, which waits for what it has in hand. */
function start(db: Database, definitions: readonly TaskDefinition[], log: Logger = silentLog) {
  const tasks = new Tasks("test");
  tasks.declare(definitions);
  const stopping = new AbortController();
  const running = runTasks(
    definitions,
    { service: "test", db, clock: systemClock, log, tasks },
    stopping.signal,
  );
  const stop = async () => {
    stopping.abort();
    await running;
  };
  after(stop);
  return { tasks, stop };
}

const named = (name: string, run: (task: Task) => Promise<void>, policy = {}): TaskDefinition =>
  defineTask({ name, run, policy });

async function add(db: Database, definitions: readonly TaskDefinition[], name: string, ...keys: string[]) {
  const tasks = new Tasks("test");
  tasks.declare(definitions);
  for (const key of keys) await db.inTransaction(async (tx) => await tasks.add(tx, {}, { name, key }));
}

const rowOf = async (db: Database, key: string) =>
  await db.row<{
    attempts: number;
    lastError: string | null;
    isDone: boolean;
    isDead: boolean;
    waitS: number;
  }>(
    `select attempts, last_error as "lastError", done_at is not null as "isDone", dead_at is not null as "isDead",
       extract(epoch from next_attempt_at - now())::float8 as "waitS" from tasks where key = $1`,
    [key],
  );

it("a task waits if and only if its transaction committed, and is done once, with its payload", async () => {
  const db = await openTasks();
  const seen: unknown[] = [];
  const note = named("note", async ({ key, payload, attempt }) => void seen.push([key, payload, attempt]));
  const { tasks } = start(db, [note]);
  await assert.rejects(
    db.inTransaction(async (tx) => {
      await tasks.add(tx, {}, { name: "note", key: "undone" });
      throw new Error("Changed my mind.");
    }),
  );
  const payload = { amounts: [1, "2"] };
  for (let times = 0; times < 3; times += 1)
    await db.inTransaction(async (tx) => await tasks.add(tx, {}, { name: "note", key: "a", payload }));
  await eventually("it is done", async () => (await rowOf(db, "a"))?.isDone === true);
  await db.inTransaction(async (tx) => await tasks.add(tx, {}, { name: "note", key: "a", payload }));
  await db.inTransaction(async (tx) => await tasks.add(tx, {}, { name: "note", key: "b" }));
  await eventually("the next is done", async () => (await rowOf(db, "b"))?.isDone === true);
  assert.deepEqual(seen, [
    ["a", payload, 1],
    ["b", {}, 1],
  ]);
});

it("a task is part of the trace of the request that caused it", async () => {
  const db = await openTasks();
  const trace = traceFrom(undefined);
  const traces: string[] = [];
  const { tasks } = start(db, [
    named("note", async (task) => void traces.push(task.trace.traceId, task.call.trace?.traceId ?? "")),
  ]);
  await db.inTransaction(async (tx) => await tasks.add(tx, { trace }, { name: "note", key: "a" }));
  await eventually("it is done", () => traces.length === 2);
  assert.deepEqual(traces, [trace.traceId, trace.traceId]);
  const span = () => findRecentTrace(trace.traceId)?.spans.find(({ name }) => name === "task note");
  await eventually("its span has ended", () => span() !== undefined);
  assert.equal(span()?.parentSpanId, trace.spanId);
});

it("a name that is not declared is refused, and so is one declared twice", async () => {
  const db = await openTasks();
  const tasks = new Tasks("test");
  const nothing = named("known", async () => undefined);
  tasks.declare([nothing]);
  await assert.rejects(
    db.inTransaction(async (tx) => await tasks.add(tx, {}, { name: "unknown", key: "a" })),
    /The test service has no task named unknown/,
  );
  assert.throws(() => tasks.declare([nothing, nothing]), /two tasks named known/);
});

it("many processes do each task once", async () => {
  const db = await openTasks();
  const done = new Map<string, number>();
  const count = named("count", async ({ key }) => void done.set(key, (done.get(key) ?? 0) + 1));
  const keys = Array.from({ length: 100 }, (_, index) => `k-${index}`);
  await add(db, [count], "count", ...keys);
  for (let process = 0; process < 4; process += 1) start(db, [count]);
  await eventually("all are done", async () => {
    const open = await db.rows("select 1 from tasks where done_at is null");
    return open.length === 0;
  });
  assert.deepEqual(
    [...done.values()],
    keys.map(() => 1),
  );
});

it("a task that fails waits longer each time, is spread, and is given up when its tries are used up", async () => {
  const db = await openTasks();
  const deaths: string[] = [];
  const failing = defineTask({
    name: "fail",
    policy: { firstDelaySeconds: 10, delayMaxSeconds: 30, attemptsMax: 4 },
    run: async () => await Promise.reject(new Error("Not today.")),
    onDead: async (tx, { key }, message) => {
      await tx.run("update tasks set payload = '{\"gone\": true}' where key = $1", [key]);
      deaths.push(`${key}: ${message}`);
    },
  });
  await add(db, [failing], "fail", "a");
  for (const [from, upTo] of [
    [7.4, 12.5],
    [14.9, 25],
    [22.4, 37.5],
  ] as const) {
    await makeDue(db, "fail");
    await workOff(db, [failing]);
    const row = await rowOf(db, "a");
    assert.equal(row?.lastError, "Not today.");
    assert.ok(row.waitS > from - 2 && row.waitS <= upTo, `waits ${row.waitS} s`);
    assert.equal(row.isDead, false);
  }
  await makeDue(db, "fail");
  await workOff(db, [failing]);
  assert.deepEqual([(await rowOf(db, "a"))?.attempts, (await rowOf(db, "a"))?.isDead], [4, true]);
  assert.deepEqual(deaths, ["a: Not today."]);
  assert.deepEqual(await db.rows("select payload from tasks"), [{ payload: { gone: true } }]);
});

it("one that never gives up goes on at the longest delay", async () => {
  const policy = { firstDelaySeconds: 2, delayMaxSeconds: 300 };
  for (const attempts of [1, 2, 5, 50, 5_000]) {
    const delays = Array.from({ length: 200 }, () => retryDelaySeconds(policy, attempts));
    const middle = Math.min(300, 2 ** attempts);
    assert.ok(delays.every((delay) => delay >= middle * 0.75 && delay <= middle * 1.25));
    assert.ok(new Set(delays).size > 100, "no two processes knock at the same moment");
  }
});

it("a refusal for good is given up at once; a postponement is no try", async () => {
  const db = await openTasks();
  const refused = named("refused", async () => await Promise.reject(new TaskRefused("Never.")));
  const later = named("later", async () => await Promise.reject(new TaskPostponed(100)));
  await add(db, [refused, later], "refused", "a");
  await add(db, [refused, later], "later", "b");
  await workOff(db, [refused, later]);
  assert.deepEqual([(await rowOf(db, "a"))?.isDead, (await rowOf(db, "a"))?.lastError], [true, "Never."]);
  const postponed = await rowOf(db, "b");
  assert.deepEqual([postponed?.attempts, postponed?.lastError], [0, null]);
  assert.ok((postponed?.waitS ?? 0) > 90);
});

it("tasks that hang or fail for ever hold up neither their own kind nor another", async () => {
  const db = await openTasks();
  const healthy: string[] = [];
  const never = Promise.withResolvers<void>();
  after(() => never.resolve());
  const mixed = named(
    "mixed",
    async ({ key }) => {
      if (key.startsWith("hangs")) await never.promise;
      if (key.startsWith("fails")) throw new Error("For ever.");
      healthy.push(key);
    },
    {
      parallelMax: 4,
      timeoutSeconds: 1,
      firstDelaySeconds: 0.01,
      delayMaxSeconds: 0.01,
      attemptsMax: "never",
    },
  );
  const other = named("other", async ({ key }) => void healthy.push(key));
  const both = [mixed, other];
  const many = (kind: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${kind}-${index}`);
  await add(db, both, "mixed", ...many("hangs", 40), ...many("fails", 40));
  // They have been failing for long, and all of them are due before anything healthy.
  await db.run("update tasks set attempts = 10, next_attempt_at = now() - interval '1 hour'");
  start(db, both);
  await eventually("they are at it", async () => {
    const tried = await db.rows("select 1 from tasks where attempts > 10 limit 1");
    return tried.length > 0;
  });
  await add(db, both, "mixed", ...many("good", 20));
  await add(db, both, "other", ...many("else", 20));
  await eventually("all that can be done is done", () => healthy.length === 40);
  await eventually("and noted", async () => (await rowOf(db, "good-19"))?.isDone === true);
});

it("what a process that died had in hand is done by another when its lease has ended, and counts as a try", async () => {
  const db = await openTasks();
  const seen: number[] = [];
  const note = named("note", async ({ attempt }) => void seen.push(attempt), { attemptsMax: 3 });
  await add(db, [note], "note", "a", "b");
  await db.run("update tasks set owner = 'dead', attempts = 1, next_attempt_at = now() + interval '1 hour'");
  // The last try of this one ended its process, too.
  await db.run("update tasks set attempts = 3 where key = 'b'");
  start(db, [note]);
  await add(db, [note], "note", "c");
  await eventually("the free one is done", async () => (await rowOf(db, "c"))?.isDone === true);
  assert.deepEqual(seen, [1]);
  await db.run("update tasks set next_attempt_at = now() where owner = 'dead'");
  await eventually("the freed one is done", async () => (await rowOf(db, "a"))?.isDone === true);
  assert.deepEqual(seen, [1, 2]);
  await eventually("the deadly one is given up", async () => (await rowOf(db, "b"))?.isDead === true);
});

it("a try whose task was done by somebody else changes nothing", async () => {
  const db = await openTasks();
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const slow = named("slow", async () => {
    begun.resolve();
    await go.promise;
    throw new Error("Too late.");
  });
  const { tasks, stop } = start(db, [slow]);
  await add(db, [slow], "slow", "a");
  await begun.promise;
  await tasks.complete(db, "slow", "a");
  go.resolve();
  await stop();
  const row = await rowOf(db, "a");
  assert.deepEqual([row?.isDone, row?.isDead, row?.lastError], [true, false, null]);
});

it("a process that stops ends what it has in hand and takes nothing more", async () => {
  const db = await openTasks();
  const go = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const slow = named(
    "slow",
    async () => {
      begun.resolve();
      await go.promise;
    },
    { parallelMax: 1 },
  );
  await add(db, [slow], "slow", "a", "b");
  const { stop } = start(db, [slow]);
  await begun.promise;
  const stopped = stop();
  go.resolve();
  await stopped;
  const done = await db.rows<{ key: string }>("select key from tasks where done_at is not null");
  assert.equal(done.length, 1);
  const open = await db.rows("select 1 from tasks where done_at is null and owner is null and attempts = 0");
  assert.equal(open.length, 1);
});

it("a database that is away is told of once, and the work goes on when it is back", async () => {
  const db = await openTasks();
  const lines: string[] = [];
  const warn = (_: unknown, text: string) => void lines.push(text);
  const log = Object.create(silentLog, { warn: { value: warn } }) as Logger;
  let isAway = true;
  let looks = 0;
  const flaky: Database = {
    ...db,
    rows: async (text, values) => {
      looks += 1;
      if (isAway) throw new Error("The database is away.");
      return await db.rows(text, values);
    },
  };
  const seen: string[] = [];
  start(flaky, [named("note", async ({ key }) => void seen.push(key))], log);
  await add(db, [named("note", async () => undefined)], "note", "a");
  await eventually("it looked three times", () => looks >= 3);
  assert.deepEqual(lines, ["Waiting work cannot be read; it is kept and done when the database is back."]);
  isAway = false;
  await eventually("it is done", () => seen.length === 1);
});

it("what is dead is listed and retried, by service, name and key; what is done is forgotten after a day", async () => {
  const db = await openTasks();
  const failing = named("fail", async () => await Promise.reject(new TaskRefused("Never.")));
  const waiting = named("wait", async () => undefined);
  await add(db, [failing, waiting], "fail", "a", "b");
  await workOff(db, [failing]);
  await add(db, [failing, waiting], "wait", "c");
  const any = { name: null, key: null };
  const dead = await listTasks(db, "dead", any, 10);
  assert.deepEqual(
    dead.map(({ name, key, status, lastError }) => [name, key, status, lastError]),
    [
      ["fail", "a", "dead", "Never."],
      ["fail", "b", "dead", "Never."],
    ],
  );
  assert.equal((await listTasks(db, "waiting", any, 10)).length, 1);
  const show = showTaskStates("tasks-test", db, ["fail", "wait", "quiet"]);
  await show.run(new AbortController().signal);
  const valueOf = async (gauge: typeof taskDead, name: string) =>
    (await gauge.get()).values.find(({ labels }) => labels.service === "tasks-test" && labels.name === name)
      ?.value;
  assert.equal(await valueOf(taskDead, "fail"), 2);
  assert.equal(await valueOf(taskDue, "wait"), 1);
  assert.equal(await valueOf(taskDue, "quiet"), 0);
  assert.ok(((await valueOf(taskOldestSeconds, "wait")) ?? 0) > 0);
  assert.equal(await retryTasks(db, { name: "fail", key: "a" }), 1);
  assert.equal(await retryTasks(db, any), 1);
  assert.equal(await retryTasks(db, any), 0);
  assert.equal((await rowOf(db, "a"))?.attempts, 0);
  await workOff(db, [waiting]);
  await forgetDoneTasks(db).run(new AbortController().signal);
  assert.equal((await listTasks(db, "done", any, 10)).length, 1);
  await db.run("update tasks set done_at = now() - interval '25 hours' where done_at is not null");
  await forgetDoneTasks(db).run(new AbortController().signal);
  assert.equal((await listTasks(db, "done", any, 10)).length, 0);
});
