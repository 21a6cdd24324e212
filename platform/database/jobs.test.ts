import assert from "node:assert/strict";
import { after, it } from "node:test";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { showDatabaseState, showDisk } from "./database-state.ts";
import { openDatabase, type Database } from "./db.ts";
import { runJobs, sweepAll, type Job } from "./jobs.ts";
import { appError } from "#platform/kit/errors.ts";
import { silentLog, type Logger } from "#platform/telemetry/log.ts";
import { jobRuns, registry } from "#platform/telemetry/metrics.ts";
import { migrate, platformMigrations, readMigrations } from "./migrate.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { eventually, TestClock } from "#platform/testing/test-clock.ts";

const url = await testDatabaseUrl("jobs");
await migrate(url, await readMigrations("platform", platformMigrations));
const open = (): Database => {
  const db = openDatabase({ url, name: "jobs", connectionsMax: 4, clock: systemClock, log: silentLog });
  after(async () => await db.close());
  return db;
};
const db = open();

interface Started {
  readonly stop: () => Promise<void>;
}

/** One process with this job. */
function start(job: Job, options: { clock?: Clock; db?: Database } = {}): Started {
  const stopping = new AbortController();
  const { clock = systemClock } = options;
  const done = runJobs(
    [job],
    { service: "jobs", db: options.db ?? db, clock, log: silentLog },
    stopping.signal,
  );
  const stop = async () => {
    stopping.abort();
    await done;
  };
  after(stop);
  return { stop };
}

const job = (name: string, everyMs: number, run: Job["run"], isExclusive = true): Job => ({
  name,
  everyMs,
  isExclusive,
  run,
});

/** Resolves when the signal aborts, as a well-behaved job does. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

async function rowOf(name: string) {
  return await db.row<{ owner: string | null; leaseSeconds: number | null; isDue: boolean }>(
    `select owner, extract(epoch from lease_until - now())::float8 as "leaseSeconds", next_run_at <= now() as "isDue"
     from jobs where name = $1`,
    [name],
  );
}

async function outcomesOf(name: string, outcome: string): Promise<number> {
  const { values } = await jobRuns.get();
  return values.find(({ labels }) => labels.job === name && labels.outcome === outcome)?.value ?? 0;
}

it("an exclusive job runs in one process at a time, in turns no closer than its pace", async () => {
  let running = 0;
  let most = 0;
  const startsMs: number[] = [];
  const shared = job("shared", 100, async () => {
    running += 1;
    most = Math.max(most, running);
    startsMs.push(systemClock.monotonicMs());
    await systemClock.sleep(30);
    running -= 1;
  });
  const processes = [
    start(shared, { db: open() }),
    start(shared, { db: open() }),
    start(shared, { db: open() }),
  ];
  await eventually("it ran eight times", () => startsMs.length >= 8);
  await Promise.all(processes.map(async ({ stop }) => await stop()));
  assert.equal(most, 1);
  const gapsMs = startsMs.slice(1).map((atMs, index) => atMs - (startsMs[index] ?? 0));
  assert.ok(Math.min(...gapsMs) >= 100, `gaps ${gapsMs.join(", ")}`);
  const averageMs = gapsMs.reduce((total, gapMs) => total + gapMs, 0) / gapsMs.length;
  assert.ok(averageMs < 350, `a turn is not missed for a whole round: ${averageMs} ms on average`);
});

it("a turn that was not due is no run in the metrics", async () => {
  const runs: number[] = [];
  const counted = job("counted", 60_000, () => Promise.resolve(void runs.push(1)));
  const processes = [start(counted), start(counted, { db: open() })];
  await eventually("it ran", () => runs.length === 1);
  await Promise.all(processes.map(async ({ stop }) => await stop()));
  assert.equal(await outcomesOf("counted", "ok"), 1);
});

it("a job every process runs for itself needs no database", async () => {
  let runs = 0;
  const own = job("own", 10, () => Promise.resolve(void (runs += 1)), false);
  const processes = [start(own), start(own)];
  await eventually("both ran it", () => runs >= 6);
  await Promise.all(processes.map(async ({ stop }) => await stop()));
  assert.equal(await rowOf("own"), undefined);
});

it("after a crash another process takes over as soon as the lease ends, however rarely the job runs", async () => {
  await db.run(
    "insert into jobs (name, owner, lease_until) values ('orphan', 'crashed', now() + interval '700 milliseconds')",
  );
  const startedMs = systemClock.monotonicMs();
  const ran = Promise.withResolvers<number>();
  const { stop } = start(
    job("orphan", 86_400_000, () => Promise.resolve(ran.resolve(systemClock.monotonicMs() - startedMs))),
  );
  const tookMs = await ran.promise;
  assert.ok(tookMs > 500 && tookMs < 3_000, `took over after ${tookMs} ms`);
  await stop();
});

it("a clock that went back keeps no job waiting: a turn or a lease from the time ahead counts from now", async () => {
  await db.run(
    `insert into jobs (name, next_run_at, owner, lease_until) values
       ('ahead', now() + interval '3 days', null, null), ('ahead-held', now(), 'crashed', now() + interval '1 hour')`,
  );
  const ran = Promise.withResolvers<void>();
  const turns = [
    start(job("ahead", 100, () => Promise.resolve(ran.resolve()))),
    start(job("ahead-held", 100, () => Promise.resolve())),
  ];
  await ran.promise;
  await eventually("the lease has its own length", async () => {
    const { leaseSeconds = null } = (await rowOf("ahead-held")) ?? {};
    return leaseSeconds !== null && leaseSeconds <= 15;
  });
  await Promise.all(turns.map(async ({ stop }) => await stop()));
});

it("a job that fails is counted and runs again at its next turn", async () => {
  let runs = 0;
  const failing = job("failing", 50, () => {
    runs += 1;
    return runs < 3 ? Promise.reject(new Error("Not this time.")) : Promise.resolve();
  });
  const { stop } = start(failing);
  await eventually("it succeeded", async () => (await outcomesOf("failing", "ok")) > 0);
  await stop();
  assert.equal(await outcomesOf("failing", "failed"), 2);
});

it("a stop ends a waiting job at once, and a running one as soon as it obeys", async () => {
  const began = Promise.withResolvers<void>();
  const running = start(
    job("running", 60_000, async (signal) => {
      began.resolve();
      await untilAborted(signal);
    }),
  );
  const waiting = start(job("waiting", 60_000, () => Promise.resolve()));
  await began.promise;
  await eventually("the other waits", async () => (await rowOf("waiting"))?.owner === null);
  const startedMs = systemClock.monotonicMs();
  await Promise.all([running.stop(), waiting.stop()]);
  assert.ok(systemClock.monotonicMs() - startedMs < 1_000);
  assert.deepEqual(await rowOf("running"), { owner: null, leaseSeconds: null, isDue: true }, "it stays due");
  assert.equal((await rowOf("waiting"))?.isDue, false, "it was done for this turn");
});

it("a job longer than its lease keeps it: no other process starts it", async () => {
  const clock = new TestClock();
  const finish = Promise.withResolvers<void>();
  after(() => finish.resolve());
  let starts = 0;
  const long = job("long", 60_000, async () => {
    starts += 1;
    await finish.promise;
  });
  start(long, { clock });
  await eventually("it runs", () => starts === 1);
  for (let round = 0; round < 3; round += 1) {
    await db.run("update jobs set lease_until = now() + interval '2 seconds' where name = 'long'");
    clock.advance(20_000);
    await eventually("the lease is renewed", async () => ((await rowOf("long"))?.leaseSeconds ?? 0) > 10);
  }
  const other = start(long, { db: open() });
  await systemClock.sleep(200);
  assert.equal(starts, 1);
  await other.stop();
  finish.resolve();
  await eventually("the turn is given back", async () => (await rowOf("long"))?.owner === null);
});

it("a job whose turn another process took is told to stop, and does not give that turn back", async () => {
  const clock = new TestClock();
  const stopped = Promise.withResolvers<void>();
  let isRunning = false;
  const robbed = job("robbed", 60_000, async (signal) => {
    isRunning = true;
    await untilAborted(signal);
    stopped.resolve();
  });
  const process = start(robbed, { clock });
  await eventually("it runs", () => isRunning);
  await db.run(
    "update jobs set owner = 'other', lease_until = now() + interval '1 minute' where name = 'robbed'",
  );
  await eventually("it was told to stop", async () => {
    clock.advance(20_000);
    return await Promise.race([stopped.promise.then(() => true), systemClock.sleep(20).then(() => false)]);
  });
  await process.stop();
  assert.equal((await rowOf("robbed"))?.owner, "other");
});

it("a job is told to stop before its lease ends when the database is away for too long", async () => {
  const clock = new TestClock();
  const stopped = Promise.withResolvers<void>();
  const own = open();
  let isAway = false;
  const fragile: Database = {
    ...own,
    run: async (text, values) => {
      if (isAway) throw new Error("The database is away.");
      return await own.run(text, values);
    },
  };
  const lonely = job("lonely", 60_000, async (signal) => {
    isAway = true;
    await untilAborted(signal);
    stopped.resolve();
  });
  const process = start(lonely, { clock, db: fragile });
  await eventually("it was told to stop", async () => {
    clock.advance(10_000);
    return await Promise.race([stopped.promise.then(() => true), systemClock.sleep(20).then(() => false)]);
  });
  await process.stop();
});

it("what the last run of an exclusive job said is kept, until a run succeeds", async () => {
  let isBroken = true;
  const lastError = async () =>
    (await db.row<{ text: string | null }>("select last_error as text from jobs where name = 'says'"))?.text;
  start(
    job("says", 50, async () => {
      if (isBroken) throw new Error("The bank is closed.");
      await Promise.resolve();
    }),
  );
  await eventually("the failure is kept", async () => (await lastError()) === "The bank is closed.");
  isBroken = false;
  await eventually("it is gone", async () => (await lastError()) === null);
});

it("an outage of the database is told of once, and its end too", async () => {
  const lines: string[] = [];
  const say = (_: unknown, text: string) => void lines.push(text);
  const log = Object.create(silentLog, { error: { value: say }, info: { value: say } }) as Logger;
  let runs = 0;
  const stopping = new AbortController();
  const away = job(
    "away",
    20,
    async () => {
      runs += 1;
      await Promise.resolve();
      if (runs <= 4) throw appError("unavailable", "DATABASE_UNAVAILABLE");
    },
    false,
  );
  const done = runJobs([away], { service: "jobs", db, clock: systemClock, log }, stopping.signal);
  await eventually("it is back", () => runs >= 6);
  stopping.abort();
  await done;
  assert.deepEqual(lines, [
    "A background job failed; it runs again at its next turn.",
    "A background job has its database again.",
  ]);
});

it("a sweep goes on while its batches are full, and stops between two when it is told to", async () => {
  const rowsLeft = { count: 1_250 };
  const sizes: number[] = [];
  const sweep = async (size: number) => {
    const taken = Math.min(size, rowsLeft.count);
    rowsLeft.count -= taken;
    sizes.push(taken);
    return await Promise.resolve(taken);
  };
  await sweepAll(new AbortController().signal, sweep);
  assert.deepEqual(sizes, [500, 500, 250]);
  const stop = new AbortController();
  let turns = 0;
  await sweepAll(stop.signal, async (size) => {
    turns += 1;
    if (turns === 3) stop.abort();
    return await Promise.resolve(size);
  });
  assert.equal(turns, 3);
});

async function shownOf(...jobs: readonly Job[]): Promise<Map<string, number>> {
  for (const job of jobs) await job.run(new AbortController().signal);
  const lines = (await registry.metrics()).split("\n").filter((line) => /"shown"|path="data"/.test(line));
  return new Map(
    lines.map((line): [string, number] => [line.split("{")[0] ?? "", Number(line.split(" ").at(-1))]),
  );
}

it("a database tells of its size, its server and its last backup and drill; what is no such fact is passed over", async () => {
  const show = showDatabaseState("shown", db);
  const first = await shownOf(show, showDisk("."), showDisk("nowhere"));
  const at = (name: string, shown: Map<string, number>) => shown.get(name) ?? Number.NaN;
  assert.ok(at("stoa_database_size_bytes", first) > 1_000_000);
  assert.ok(at("stoa_database_connections", first) >= 1);
  assert.ok(at("stoa_database_connections_max", first) > at("stoa_database_connections", first));
  assert.ok(at("stoa_database_cache_hit_ratio", first) > 0);
  assert.equal(at("stoa_database_deadlocks_total", first), 0);
  assert.ok(at("stoa_disk_size_bytes", first) >= at("stoa_disk_free_bytes", first));
  assert.ok(at("stoa_disk_free_bytes", first) > 0);
  assert.ok(!first.has("stoa_backup_last_success_timestamp_seconds"));

  const fact = { at: "2026-11-26T12:00:00.000Z", bytes: 42, path: "/backups/one", ok: true };
  const write = "insert into facts (name, value) values ($1, $2)";
  await db.run(write, ["backup.last", JSON.stringify(fact)]);
  await db.run(write, ["backup.drill", JSON.stringify({ ...fact, ok: false })]);
  const second = await shownOf(show);
  assert.equal(at("stoa_backup_last_success_timestamp_seconds", second), Date.parse(fact.at) / 1000);
  assert.equal(at("stoa_backup_size_bytes", second), 42);
  assert.ok(!second.has("stoa_backup_drill_last_success_timestamp_seconds"));

  for (const [text, isFact] of [
    ["no JSON", false],
    ["null", false],
    [JSON.stringify(fact), true],
  ] as const) {
    await db.run("update facts set value = $1 where name = 'backup.drill'", [text]);
    const shown = await shownOf(show);
    assert.equal(shown.has("stoa_backup_drill_last_success_timestamp_seconds"), isFact);
  }
});
