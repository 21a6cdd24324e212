import assert from "node:assert/strict";
import { after, beforeEach, it } from "node:test";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { brokenConstraint, openDatabase, sqlState } from "./db.ts";
import { translated } from "./pool.ts";
import { AppError, appError } from "#platform/kit/errors.ts";
import { registry } from "#platform/telemetry/metrics.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { createLocalClient } from "#platform/rpc/local.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { eventually } from "#platform/testing/test-clock.ts";

const url = await testDatabaseUrl("db");
const open = (name: string, connectionsMax: number) =>
  openDatabase({ url, name, connectionsMax, clock: systemClock, log: silentLog });
const db = open("db", 4);
/** Looks on from outside, so that it never takes a connection of the pool under test. */
const witness = open("witness", 2);
await db.run("create table amounts (id integer primary key, amount bigint not null check (amount >= 0))");

after(async () => {
  await db.close();
  await witness.close();
});
beforeEach(async () => {
  await db.run("delete from amounts");
  await db.run("insert into amounts (id, amount) values (1, 100), (2, 100)");
});

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => assert.fail("This should have failed."),
    (error: unknown) => error,
  );
}

function assertUnavailable(error: unknown): void {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.kind, "unavailable");
  assert.equal(error.reason, "DATABASE_UNAVAILABLE");
  assert.equal(error.retryAfterSeconds, 1);
}

async function amountOf(id: number): Promise<bigint | undefined> {
  const row = await witness.row<{ amount: bigint }>("select amount from amounts where id = $1", [id]);
  return row?.amount;
}

async function terminate(name: string): Promise<void> {
  await witness.run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [
    `stoa-${name}`,
  ]);
}

it("a serialization failure runs the whole transaction again, and the second run sees the new state", async () => {
  const seen: bigint[] = [];
  await db.inTransaction(async (tx) => {
    await tx.run("set transaction isolation level repeatable read");
    const row = await tx.row<{ amount: bigint }>("select amount from amounts where id = 1");
    seen.push(row?.amount ?? -1n);
    if (seen.length === 1) await witness.run("update amounts set amount = 70 where id = 1");
    await tx.run("update amounts set amount = $1 where id = 1", [(row?.amount ?? 0n) - 10n]);
  });
  assert.deepEqual(seen, [100n, 70n]);
  assert.equal(await amountOf(1), 60n);
});

it("two transactions that lock in opposite order both get through", async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const runs: [number, number] = [0, 0];
  const move = async (index: 0 | 1, first: number, second: number) =>
    await db.inTransaction(async (tx) => {
      await tx.run("update amounts set amount = amount + 1 where id = $1", [first]);
      runs[index] += 1;
      gates[index].resolve();
      await gates[1 - index]?.promise;
      await tx.run("update amounts set amount = amount - 1 where id = $1", [second]);
    });
  await Promise.all([move(0, 1, 2), move(1, 2, 1)]);
  assert.equal(runs[0] + runs[1], 3, "exactly one of them had to run again");
  assert.equal(await amountOf(1), 100n);
  assert.equal(await amountOf(2), 100n);
});

it("a transaction that keeps colliding gives up after four runs with PostgreSQL's own error", async () => {
  let runs = 0;
  const error = await failureOf(
    db.inTransaction(async (tx) => {
      runs += 1;
      await tx.run("do $$ begin raise exception 'collision' using errcode = '40001'; end $$");
    }),
  );
  assert.equal(runs, 4);
  assert.equal(sqlState(error), "40001");
});

it("an error of the work rolls everything back and arrives as it is, whatever its words", async () => {
  const refusal = appError("conflict", "STOCK_SHORT", {
    publicMessage: "The connection to the shelf is lost.",
  });
  const error = await failureOf(
    db.inTransaction(async (tx) => {
      await tx.run("update amounts set amount = 0 where id = 1");
      throw refusal;
    }),
  );
  assert.equal(error, refusal);
  assert.equal(await amountOf(1), 100n);
});

it("a transaction whose failed statement was caught and forgotten does not pass for committed", async () => {
  const error = await failureOf(
    db.inTransaction(async (tx) => {
      await tx.run("update amounts set amount = 5 where id = 1");
      await tx.run("select 1 / 0").catch(() => undefined);
    }),
  );
  assert.match(String(error), /was rolled back although it ended without an error/);
  assert.equal(await amountOf(1), 100n);
});

it("a broken constraint passes through with its name and keeps its connection", async () => {
  const single = open("constraints", 1);
  const pidOf = async () => (await single.row<{ pid: number }>("select pg_backend_pid() as pid"))?.pid;
  const pid = await pidOf();
  const twice = await failureOf(single.run("insert into amounts (id, amount) values (1, 1)"));
  assert.equal(sqlState(twice), "23505");
  assert.equal(brokenConstraint(twice), "amounts_pkey");
  const negative = await failureOf(
    single.inTransaction(async (tx) => await tx.run("update amounts set amount = -1 where id = 1")),
  );
  assert.equal(sqlState(negative), "23514");
  assert.equal(brokenConstraint(negative), "amounts_amount_check");
  assert.equal(await pidOf(), pid);
  await single.close();
});

it("a connection lost between two statements of a transaction neither ends the process nor leaks", async () => {
  const single = open("lost", 1);
  for (let round = 0; round < 3; round += 1) {
    const error = await failureOf(
      single.inTransaction(async (tx) => {
        await tx.run("update amounts set amount = 1 where id = 1");
        await terminate("lost");
        await eventually("the backend is gone", async () => {
          const open = await witness.row(
            "select 1 from pg_stat_activity where application_name = 'stoa-lost'",
          );
          return open === undefined;
        });
        await tx.run("update amounts set amount = 2 where id = 1");
      }),
    );
    assertUnavailable(error);
  }
  assert.equal(await amountOf(1), 100n);
  assert.deepEqual(await single.rows("select 1 as one"), [{ one: 1 }]);
  await single.close();
});

it("a connection lost during a statement is unavailable, and the next statement gets a new one", async () => {
  const single = open("cut", 1);
  const cut = failureOf(single.run("select pg_sleep(8)"));
  await eventually("the statement runs", async () => {
    const running = await witness.row(
      "select 1 from pg_stat_activity where application_name = 'stoa-cut' and query like '%pg_sleep%'",
    );
    return running !== undefined;
  });
  await terminate("cut");
  assertUnavailable(await cut);
  assert.deepEqual(await single.rows("select 1 as one"), [{ one: 1 }]);
  await single.close();
});

it("an idle connection that is lost is replaced without anyone noticing", async () => {
  const idle = open("idle", 2);
  await Promise.all([idle.run("select 1"), idle.run("select 1")]);
  await terminate("idle");
  await eventually("both are replaced", async () => {
    try {
      return (await Promise.all([idle.run("select 1"), idle.run("select 1")])).length === 2;
    } catch (error) {
      assertUnavailable(error);
      return false;
    }
  });
  await idle.close();
});

for (const [limit, statement] of [
  ["statement_timeout", "select pg_sleep(8)"],
  ["lock_timeout", "update amounts set amount = 1 where id = 1"],
] as const) {
  it(`a statement stopped by ${limit} is unavailable, and its connection goes on`, async () => {
    await db.inTransaction(async (holder) => {
      await holder.row("select 1 from amounts where id = 1 for update");
      const error = await failureOf(
        db.inTransaction(async (tx) => {
          await tx.run(`set local ${limit} = '50ms'`);
          await tx.run(statement);
        }),
      );
      assertUnavailable(error);
      assert.ok(error instanceof Error && sqlState(error.cause) !== undefined, "the log gets the cause");
    });
    assert.equal(await amountOf(1), 100n);
  });
}

it("every connection has limits for statements, locks and forgotten transactions", async () => {
  const limitOf = async (name: string) =>
    (await db.row<{ value: string }>("select current_setting($1) as value", [name]))?.value;
  assert.equal(await limitOf("statement_timeout"), "10s");
  assert.equal(await limitOf("lock_timeout"), "5s");
  assert.equal(await limitOf("idle_in_transaction_session_timeout"), "10s");
});

it("waiting for a free connection ends after eight seconds as unavailable, and the waiter leaves the queue", async () => {
  const single = open("full", 1);
  const release = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  const holder = single.inTransaction(async () => {
    holding.resolve();
    await release.promise;
  });
  await holding.promise;
  const startedMs = systemClock.monotonicMs();
  assertUnavailable(await failureOf(single.run("select 1")));
  const waitedMs = systemClock.monotonicMs() - startedMs;
  assert.ok(waitedMs > 7_000 && waitedMs < 9_500, `waited ${waitedMs} ms`);
  release.resolve();
  await holder;
  assert.deepEqual(await single.rows("select 1 as one"), [{ one: 1 }]);
  await single.close();
});

it("an address where nobody listens is unavailable, not a hang", async () => {
  const nowhere = openDatabase({
    url: "postgres://nobody:nothing@127.0.0.1:1/none",
    name: "nowhere",
    connectionsMax: 1,
    clock: systemClock,
    log: silentLog,
  });
  assertUnavailable(await failureOf(nowhere.run("select 1")));
  assertUnavailable(await failureOf(nowhere.inTransaction(async (tx) => await tx.run("select 1"))));
  assert.equal(await nowhere.isReachable(2_000), false);
  await nowhere.close();
});

it("a closed database refuses as unavailable, and one that answers is reachable", async () => {
  const closed = open("closed", 1);
  assert.equal(await closed.isReachable(5_000), true);
  await closed.close();
  assertUnavailable(await failureOf(closed.run("select 1")));
});

it("large integers, JSON and instants come back as they went in", async () => {
  const document = { price: "19.99", tags: ["a", null], deep: { list: [1, true] } };
  const at = new Date("2031-05-06T07:08:09.123Z");
  const row = await db.row(
    `select $1::bigint as big, $2::jsonb as document, $3::timestamptz as at, $4::bigint[] as many, $5::text as nothing,
       $6::numeric as exact`,
    [9_007_199_254_740_993n, JSON.stringify(document), at, [1n, 2n], null, "0.10"],
  );
  assert.deepEqual(row, {
    big: 9_007_199_254_740_993n,
    document,
    at,
    many: [1n, 2n],
    nothing: null,
    exact: "0.10",
  });
});

it("run tells how many rows it touched, row the first one or nothing", async () => {
  assert.equal(await db.run("update amounts set amount = 1"), 2);
  assert.equal(await db.run("update amounts set amount = 1 where id = 99"), 0);
  assert.equal(await db.row("select 1 from amounts where id = 99"), undefined);
});

it("values are never part of the statement", async () => {
  const value = "'; drop table amounts; --";
  assert.deepEqual(await db.row("select $1::text as value", [value]), { value });
  assert.equal(await amountOf(1), 100n);
});

it("a call to another service inside a transaction is refused as a bug", async () => {
  const client = createLocalClient(AdService, {
    caller: "cart",
    clock: systemClock,
    peer: () => assert.fail("It must not be called."),
  });
  const error = await failureOf(db.inTransaction(async () => await client.getAds({})));
  assert.match(String(error), /GetAds was called inside a database transaction/);
  assert.ok(!(error instanceof AppError));
});

it("a server whose address is gone, as that of a pod that was ended, is a database that is away and no fault of ours", () => {
  for (const code of [
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EPIPE",
  ]) {
    const error = translated(Object.assign(new Error(`connect ${code} 10.244.1.38:5432`), { code }));
    assert.ok(error instanceof AppError, code);
    assert.equal(error.reason, "DATABASE_UNAVAILABLE");
  }
  const other = Object.assign(new Error("open EACCES"), { code: "EACCES" });
  assert.equal(translated(other), other);
});

async function countAmounts(name: string): Promise<void> {
  // A text of its own each time, as that of a statement with a list in it.
  await db.rows(`select count(*) from amounts as ${name}`);
}

it("a statement is measured under the function that sends it, whatever its text, and pools tell of their connections", async () => {
  for (const name of ["one", "two", "three"]) await countAmounts(name);
  await db.inTransaction(async (tx) => void (await tx.run("update amounts set amount = 1 where id = 2")));
  const lines = (await registry.metrics()).split("\n");
  const ofPool = lines.filter((line) => line.includes('service="db"'));
  const countOf = (summary: string) =>
    ofPool.find(
      (line) =>
        line.startsWith("db_client_operation_duration_seconds_count") && line.includes(`"${summary}"`),
    );
  assert.match(countOf("db.test.countAmounts") ?? "", / 3$/);
  assert.match(countOf("db.test.update_amounts") ?? "", / [1-9]\d*$/);
  assert.match(countOf("commit") ?? "", / [1-9]\d*$/);
  assert.ok(ofPool.includes('db_client_connection_max{service="db"} 4'));
  assert.ok(ofPool.some((line) => /^db_client_connection_count.*state="idle"\} [1-4]$/.test(line)));
  assert.ok(ofPool.some((line) => /^db_client_connection_wait_time_seconds_count.* [1-9]\d*$/.test(line)));
});
