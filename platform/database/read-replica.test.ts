import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo } from "node:net";
import { after, it } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { databaseReads } from "#platform/telemetry/metrics.ts";
import { startReplicatedPostgres } from "#platform/testing/replica.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { DatabaseWatch } from "./database-watch.ts";
import { openDatabase, type Database } from "./db.ts";
import { ReadReplica } from "./read-replica.ts";
import { provisionDatabase } from "./provision.ts";

const server = await startReplicatedPostgres();
const role = { name: "shop", password: newId() };
for (const database of ["shop_db", "other_db"])
  await provisionDatabase({
    adminUrl: server.primary.adminUrl,
    database,
    role: role.name,
    password: role.password,
  });
const url = server.primary.urlFor("shop_db", role);

function open(readUrl: string): Database {
  const clock = systemClock;
  const db = openDatabase({ url, readUrl, name: "replicated", connectionsMax: 8, clock, log: silentLog });
  after(async () => await db.close());
  return db;
}

const replicaUrl = (database: string) => {
  const target = new URL(server.replicaUrlFor(database));
  [target.username, target.password] = [role.name, role.password];
  return target.href;
};

const db = open(replicaUrl("shop_db"));
await db.run("create table notes (id uuid primary key, text text not null)");

const isOnReplica = async () =>
  (await (await db.reader()).row<{ is: boolean }>("select pg_is_in_recovery() as is"))?.is === true;

async function readsFrom(from: string): Promise<number> {
  const { values } = await databaseReads.get();
  return values.find(({ labels }) => labels.from === from && labels.service === "replicated")?.value ?? 0;
}

const find = async (id: string) =>
  await (await db.reader()).row("select text from notes where id = $1", [id]);

it("a replica that is up to date answers", async () => {
  await eventually("it has caught up", isOnReplica);
  const before = await readsFrom("replica");
  for (let round = 0; round < 20; round += 1) await (await db.reader()).rows("select 1");
  assert.ok((await readsFrom("replica")) > before);
});

it("whoever reads sees what anybody wrote before, whatever the lag: 200 writes, each read at once", async () => {
  const note = async (index: number) => {
    const id = newId();
    await db.run("insert into notes (id, text) values ($1, $2)", [id, `${index}`]);
    assert.deepEqual(await find(id), { text: `${index}` }, `write ${index}`);
  };
  const before = await readsFrom("replica");
  for (let round = 0; round < 10; round += 1) {
    if (round % 3 === 1) await server.pauseReplay();
    if (round % 3 === 2) await server.resumeReplay();
    await Promise.all(Array.from({ length: 20 }, async (_, index) => await note(round * 20 + index)));
  }
  await server.resumeReplay();
  await eventually("it has caught up", isOnReplica);
  assert.ok((await readsFrom("replica")) > before, "the replica had no part in it");
});

it("a question that was answered before a write is no answer to whoever reads after it", async () => {
  const link = await openSlowLink();
  const slow = new URL(url);
  slow.port = `${link.port}`;
  const options = { name: "slow", connectionsMax: 2, clock: systemClock, log: silentLog };
  const replica = new ReadReplica({ ...options, primaryUrl: slow.href, replicaUrl: replicaUrl("shop_db") });
  after(async () => await replica.close());
  await replica.reader(db);
  await eventually("the replica has caught up", isOnReplica);
  await server.pauseReplay();
  link.delayMs = 300;
  const asked = replica.reader(db);
  await eventually("the question is answered, and the answer on its way", async () => {
    const text = `select 1 from pg_stat_activity where application_name = 'stoa-slow-position' and state = 'idle' and query_start > $1`;
    return (await db.row(text, [link.sentAt])) !== undefined;
  });
  const id = newId();
  await db.run("insert into notes (id, text) values ($1, 'later')", [id]);
  const reader = await replica.reader(db);
  assert.deepEqual(await reader.row("select text from notes where id = $1", [id]), { text: "later" });
  await asked;
  await server.resumeReplay();
});

it("a reader changes nothing", async () => {
  await eventually("the replica answers", isOnReplica);
  const reader = await db.reader();
  await assert.rejects(reader.run("delete from notes"), /A reader changes nothing/);
  await assert.rejects(reader.rows("insert into notes (id, text) values ($1, '')", [newId()]), /read-only/);
});

it("a replica that is killed under load fails no read, and is used again when it is back", async () => {
  let reads = 0;
  let isOver = false;
  const read = async () => {
    while (!isOver) {
      const id = newId();
      await db.run("insert into notes (id, text) values ($1, 'x')", [id]);
      assert.deepEqual(await find(id), { text: "x" });
      reads += 1;
    }
  };
  const readers = Array.from({ length: 5 }, read);
  await eventually("reads go on", () => reads > 100);
  await server.killReplica();
  const atKill = reads;
  await eventually("reads go on without it", () => reads > atKill + 200);
  await eventually("it is left alone", () => /replica is left alone/.test(db.lacks().join()));
  await server.startReplica();
  isOver = true;
  await Promise.all(readers);
  await eventually("it is used again", isOnReplica);
  assert.deepEqual(db.lacks(), []);
});

it("while the primary answers nothing, lists go on from the replica, and are whole again with it", async () => {
  const id = newId();
  await db.run("insert into notes (id, text) values ($1, 'before')", [id]);
  await eventually("the replica has it", isOnReplica);
  assert.ok(await find(id));
  const watch = new DatabaseWatch(db, [], systemClock);
  server.freezePrimary();
  try {
    await eventually("a look finds the service degraded, and not down", async () => {
      const { lacks, isDown } = await watch.look();
      assert.ok(!isDown);
      return lacks.some((sentence) => sentence.startsWith("Its primary database does not answer"));
    });
    const startedMs = systemClock.monotonicMs();
    for (let round = 0; round < 5; round += 1) assert.deepEqual(await find(id), { text: "before" });
    assert.ok(systemClock.monotonicMs() - startedMs < 3_000);
    assert.ok(await db.isReadAlone());
    assert.match(db.lacks().join(), /primary database does not answer/);
  } finally {
    server.thawPrimary();
  }
  await eventually("the primary is back", async () => {
    await find(id);
    return !(await db.isReadAlone());
  });
  await server.pauseReplay();
  const later = newId();
  await db.run("insert into notes (id, text) values ($1, 'after')", [later]);
  assert.deepEqual(await find(later), { text: "after" });
  await server.resumeReplay();
});

it("what is no replica of this very database is never read", async () => {
  const primary = open(server.primary.urlFor("shop_db", role));
  const other = open(replicaUrl("other_db"));
  for (const wrong of [primary, other]) {
    const row = await (
      await wrong.reader()
    ).row<{ count: number }>("select count(*)::int as count from notes");
    assert.ok((row?.count ?? 0) > 200);
    assert.match(wrong.lacks().join(), /no replica of its database/);
  }
});

/** A way to the primary on which answers may take their time. */
async function openSlowLink() {
  const link = { port: 0, delayMs: 0, sentAt: new Date(0) };
  const listener = createServer((client) => {
    const upstream = connect(server.primary.port, "127.0.0.1");
    client.on("data", (chunk) => {
      link.sentAt = new Date(systemClock.now().getTime() - 50);
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => systemClock.after(link.delayMs, () => client.write(chunk)));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on("error", () => undefined).on("close", () => other.destroy());
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  after(() => listener.close());
  link.port = (listener.address() as AddressInfo).port;
  return link;
}
