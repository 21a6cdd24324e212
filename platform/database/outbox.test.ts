import assert from "node:assert/strict";
import { after, it } from "node:test";
import { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { openDatabase, type Database, type Tx } from "./db.ts";
import { appError } from "#platform/kit/errors.ts";
import { bindInbox, forgetApplied } from "./inbox.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { OrderCancelledSchema, OrderPlacedSchema, OrderShippedSchema } from "#gen/stoa/order/v1/order_pb.js";
import { taskDead, taskOldestSeconds } from "#platform/telemetry/metrics.ts";
import { onEvent, type HeardEvent } from "./events.ts";
import { moveLeftBehind } from "./outbox-store.ts";
import { showTaskStates } from "./tasks.ts";
import { retryTasks } from "./tasks-store.ts";
import { migrate, platformMigrations, readMigrations } from "./migrate.ts";
import { Outbox } from "./outbox.ts";
import type { BoundService, Client } from "#platform/rpc/contract.ts";
import { Dispatcher } from "#platform/rpc/dispatcher.ts";
import { createLocalClient, type SimulatedNetwork } from "#platform/rpc/local.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { eventually } from "#platform/testing/test-clock.ts";

type Deliver = Parameters<SimulatedNetwork>[1];

/** An event as it was heard, by the label that stands for the id of its order. */
interface Heard extends HeardEvent {
  readonly label: string;
}

/** Sender and listener on one database, with a way between them that the test may disturb. */
interface Line {
  readonly db: Database;
  readonly outbox: Outbox;
  /** What applies an event; it notes the effect unless the test replaced it. */
  apply: (tx: Tx, event: Heard) => Promise<void>;
  /** What carries a delivery. */
  carry: (send: Deliver) => ReturnType<Deliver>;
  readonly inbox: Client<typeof EventInboxService>;
  /** Another process of the same sender. */
  another(db?: Database): Outbox;
  /** Starts relaying; returns the way to stop it. */
  relay(outbox?: Outbox): () => Promise<void>;
  emit(...labels: string[]): Promise<void>;
  /** The labels that took effect, in their order. */
  effects(): Promise<string[]>;
}

async function openLine(): Promise<Line> {
  const url = await testDatabaseUrl("outbox");
  await migrate(url, await readMigrations("platform", platformMigrations));
  const db = openDatabase({ url, name: "outbox", connectionsMax: 8, clock: systemClock, log: silentLog });
  after(async () => await db.close());
  await db.run(
    "create table effects (position bigint generated always as identity primary key, label text not null)",
  );
  const handlers = [
    onEvent(OrderPlacedSchema, async (tx, { order }, event) => {
      await line.apply(tx, { ...event, label: order?.id ?? "" });
    }),
  ];
  const bound = bindInbox({ service: "listener", db, handlers, log: silentLog, clock: systemClock });
  const inbox = createLocalClient(EventInboxService, {
    caller: "sender",
    clock: systemClock,
    peer: () => ({ bound, dispatcher: dispatcherOf(bound) }),
    network: async (_route, send) => await line.carry(send),
  });
  const another = (own = db) =>
    new Outbox({
      service: "sender",
      db: own,
      clock: systemClock,
      log: silentLog,
      emits: [OrderPlacedSchema, OrderShippedSchema],
      subscribers: [{ name: "listener", hears: ["order.placed"], inbox }],
    });
  const line: Line = {
    db,
    inbox,
    outbox: another(),
    another,
    apply: noteEffect,
    carry: async (send) => await send(),
    relay: (outbox = line.outbox) => relayUntilStopped(outbox),
    emit: async (...labels) => {
      for (const label of labels) await db.inTransaction(async (tx) => await emitOne(line.outbox, tx, label));
    },
    effects: async () => {
      const rows = await db.rows<{ label: string }>("select label from effects order by position");
      return rows.map(({ label }) => label);
    },
  };
  return line;
}

function dispatcherOf(bound: BoundService): Dispatcher {
  const noTokens = () => assert.fail(`${bound.descriptor.name} is called without tokens.`);
  const verifier = new TokenVerifier(systemClock, noTokens);
  return new Dispatcher({ service: "listener", clock: systemClock, log: silentLog, verifier });
}

function relayUntilStopped(outbox: Outbox): () => Promise<void> {
  const stop = new AbortController();
  const done = outbox.relay(stop.signal);
  const end = async () => {
    stop.abort();
    await done;
  };
  after(end);
  return end;
}

/** "cart-3" is event 3 of the aggregate cart. */
async function emitOne(outbox: Outbox, tx: Tx, label: string): Promise<void> {
  const aggregateId = label.split("-")[0] ?? "";
  await outbox.emit(tx, {}, OrderPlacedSchema, { aggregateId, payload: { order: { id: label } } });
}

const labelOf = (event: Heard) => event.label;

async function noteEffect(tx: Tx, event: Heard): Promise<void> {
  await tx.run("insert into effects (label) values ($1)", [event.label]);
}

async function countOf(db: Database, condition: string): Promise<number> {
  const row = await db.row<{ count: number }>(`select count(*)::int as count from tasks where ${condition}`);
  return row?.count ?? -1;
}

const labels = (aggregate: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${aggregate}-${index + 1}`);

function assertInOrder(effects: readonly string[], aggregate: string, count: number): void {
  const own = effects.filter((label) => label.startsWith(`${aggregate}-`));
  assert.deepEqual(own, labels(aggregate, count));
}

async function valueOf({ db }: Line, gauge: typeof taskDead): Promise<number | undefined> {
  await showTaskStates("sender", db, ["deliver-to-listener"]).run(new AbortController().signal);
  const { values } = await gauge.get();
  return values.find(({ labels: names }) => names.service === "sender")?.value;
}

it("an event is sent if and only if its transaction committed", async () => {
  const line = await openLine();
  line.relay();
  await assert.rejects(
    line.db.inTransaction(async (tx) => {
      await emitOne(line.outbox, tx, "a-1");
      throw new Error("Changed my mind.");
    }),
  );
  await line.emit("a-2");
  await eventually("the committed one arrived", async () => (await line.effects()).length > 0);
  assert.deepEqual(await line.effects(), ["a-2"]);
  assert.equal(await countOf(line.db, "true"), 0);
});

it("each event takes effect once and in order, though answers are lost, deliveries repeated, and two relays race", async () => {
  const line = await openLine();
  let deliveries = 0;
  line.carry = async (send) => {
    deliveries += 1;
    const turn = deliveries % 4;
    if (turn === 1) await Promise.all([send(), send()]);
    const answer = await send();
    if (turn === 2) throw appError("unavailable", "NEIGHBOUR_UNAVAILABLE");
    return answer;
  };
  const aggregates = ["a", "b", "c", "d", "e"];
  await line.emit(...aggregates.flatMap((aggregate) => labels(aggregate, 60)));
  // Taken away again and again, so that both relays deliver the same events.
  const grab = line.db.run("update outbox_relays set lease_until = now()");
  line.relay();
  line.relay(line.another());
  await grab;
  await eventually("all are delivered", async () => {
    await line.db.run("update outbox_relays set lease_until = now() - interval '1 second'");
    return (await countOf(line.db, "true")) === 0;
  });
  const effects = await line.effects();
  assert.equal(effects.length, 300);
  for (const aggregate of aggregates) assertInOrder(effects, aggregate, 60);
  assert.ok(deliveries > 3, "the disturbances happened");
});

it("the order within an aggregate holds when any of its events fails at first", async () => {
  const line = await openLine();
  const refusals = new Map([
    ["a-1", 1],
    ["a-3", 2],
    ["b-2", 1],
  ]);
  line.apply = async (tx, event) => {
    const left = refusals.get(labelOf(event)) ?? 0;
    refusals.set(labelOf(event), left - 1);
    if (left > 0) throw new Error("Not yet.");
    await noteEffect(tx, event);
  };
  await line.emit(...labels("a", 4), ...labels("b", 4));
  line.relay();
  await eventually("all are delivered", async () => (await countOf(line.db, "true")) === 0);
  const effects = await line.effects();
  assertInOrder(effects, "a", 4);
  assertInOrder(effects, "b", 4);
});

it("a poisoned event is set aside after five tries; it holds up its own aggregate till then, and no other", async () => {
  const line = await openLine();
  let tries = 0;
  line.apply = async (tx, event) => {
    if (labelOf(event) === "bad-1") {
      tries += 1;
      throw new Error("The poison works.");
    }
    await noteEffect(tx, event);
  };
  await line.emit("bad-1", "bad-2", "bad-3", ...labels("good", 150));
  line.relay();
  await eventually("the others arrived", async () => (await line.effects()).length >= 150);
  assertInOrder(await line.effects(), "good", 150);
  assert.equal(await countOf(line.db, "lane = 'bad' and attempts > 0"), 1, "only the culprit counts");
  await eventually("the rest of the aggregate went on", async () => (await line.effects()).length === 152);
  assert.deepEqual(
    (await line.effects()).filter((label) => label.startsWith("bad")),
    ["bad-2", "bad-3"],
  );
  assert.equal(tries, 5);
  await eventually("what arrived is gone", async () => (await countOf(line.db, "true")) === 1);
  const left = await line.db.rows("select attempts, last_error, dead_at is not null as dead from tasks");
  assert.deepEqual(left, [{ attempts: 5, last_error: "The poison works.", dead: true }]);
  await eventually("the metric tells", async () => (await valueOf(line, taskDead)) === 1);
});

it("an event that was given up is delivered when it is retried", async () => {
  const line = await openLine();
  await line.emit("a-1");
  await line.db.run("update tasks set dead_at = now(), attempts = 5");
  line.relay();
  await line.emit("b-1");
  await eventually("the other one arrived", async () => (await line.effects()).length === 1);
  assert.equal(await retryTasks(line.db, { name: "deliver-to-listener", key: null }), 1);
  await eventually("it arrived", async () => (await line.effects()).length === 2);
});

it("a subscriber that is away loses nothing, costs no event a try, and catches up when it is back", async () => {
  const line = await openLine();
  let isAway = true;
  let calls = 0;
  line.carry = async (send) => {
    calls += 1;
    if (isAway) throw appError("unavailable", "NEIGHBOUR_UNAVAILABLE");
    return await send();
  };
  await line.emit(...labels("a", 20));
  line.relay();
  await eventually("it was tried twice", () => calls >= 2);
  await line.emit(...labels("b", 20));
  assert.ok(calls <= 3, `new events do not hammer a subscriber that is away (${calls} calls)`);
  await eventually("the lag shows", async () => ((await valueOf(line, taskOldestSeconds)) ?? 0) > 0.5);
  assert.equal(await countOf(line.db, "attempts > 0"), 0);
  isAway = false;
  await eventually("it caught up", async () => (await line.effects()).length === 40);
  assertInOrder(await line.effects(), "a", 20);
  assertInOrder(await line.effects(), "b", 20);
  await eventually("the lag is gone", async () => (await valueOf(line, taskOldestSeconds)) === 0);
});

it("a listener whose database is away is no reason to set events aside", async () => {
  const line = await openLine();
  let tries = 0;
  line.apply = async (tx, event) => {
    tries += 1;
    if (tries <= 8) throw appError("unavailable", "DATABASE_UNAVAILABLE");
    await noteEffect(tx, event);
  };
  await line.emit("a-1", "a-2");
  line.relay();
  await eventually("both arrived", async () => (await line.effects()).length === 2);
  assert.deepEqual(await line.effects(), ["a-1", "a-2"]);
  assert.equal(await countOf(line.db, "true"), 0);
});

it("an event that takes too long is to blame for itself, and those behind it for nothing", async () => {
  const line = await openLine();
  const release = Promise.withResolvers<void>();
  line.apply = async (tx, event) => {
    if (labelOf(event) === "slow-1") await release.promise;
    await noteEffect(tx, event);
  };
  const eventOf = (id: number, label: string) => ({
    id: `00000000-0000-7000-8000-00000000000${id}`,
    topic: "order.placed",
    aggregateId: label,
    payloadJson: JSON.stringify({ order: { id: label } }),
  });
  const request = { source: "sender", events: [eventOf(1, "slow-1"), eventOf(2, "next-1")] };
  const late = await line.inbox.deliver(request, { timeoutMs: 800 });
  assert.deepEqual(
    late.failures.map(({ message, isBlocked }) => [message, isBlocked]),
    [
      ["It took longer than a delivery may take.", false],
      ["The delivery had no time left for it.", true],
    ],
  );
  release.resolve();
  assert.deepEqual((await line.inbox.deliver(request)).failures, []);
  assert.deepEqual((await line.effects()).sort(), ["next-1", "slow-1"]);
});

it("a topic nobody listens to is accepted and dropped, also one named like a part of every object", async () => {
  const line = await openLine();
  const events = ["thing.unknown", "constructor", "__proto__"].map((topic, index) => ({
    id: `00000000-0000-7000-8000-00000000000${index}`,
    topic,
    aggregateId: "a",
    payloadJson: "{}",
  }));
  assert.deepEqual((await line.inbox.deliver({ source: "sender", events })).failures, []);
});

it("a relay with nothing to do writes nothing and asks little", async () => {
  const line = await openLine();
  await line.emit("a-1");
  const texts: string[] = [];
  const noted = <T>(text: string, result: Promise<T>) => {
    texts.push(text);
    return result;
  };
  const watched: Database = {
    ...line.db,
    rows: (text, values) => noted(text, line.db.rows(text, values)),
    row: (text, values) => noted(text, line.db.row(text, values)),
    run: (text, values) => noted(text, line.db.run(text, values)),
    inTransaction: (work) => noted("transaction", line.db.inTransaction(work)),
  };
  line.relay(line.another(watched));
  await eventually("it is idle", async () => (await countOf(line.db, "true")) === 0);
  await systemClock.sleep(3_000);
  texts.length = 0;
  await systemClock.sleep(3_000);
  assert.deepEqual(
    texts.filter((text) => !text.startsWith("select")),
    [],
  );
  assert.ok(texts.length > 3 && texts.length < 10, `${texts.length} questions in three seconds`);
});

it("an event is on its way as soon as it is committed, not at the next look", async () => {
  const line = await openLine();
  line.relay();
  await line.emit("warm-1");
  await eventually("the relay is idle", async () => (await countOf(line.db, "true")) === 0);
  const tookMs: number[] = [];
  for (let index = 1; index <= 5; index += 1) {
    const arrived = Promise.withResolvers<void>();
    line.apply = (tx, event) => noteEffect(tx, event).then(arrived.resolve);
    const startedMs = systemClock.monotonicMs();
    await line.emit(`a-${index}`);
    await arrived.promise;
    tookMs.push(systemClock.monotonicMs() - startedMs);
  }
  tookMs.sort((a, b) => a - b);
  assert.ok((tookMs[2] ?? 1_000) < 200, `took ${tookMs.join(", ")} ms`);
});

it("2,000 events arrive in order, in seconds", async (t) => {
  const line = await openLine();
  await line.db.inTransaction(async (tx) => {
    for (let index = 1; index <= 100; index += 1)
      for (let aggregate = 1; aggregate <= 20; aggregate += 1)
        await emitOne(line.outbox, tx, `g${aggregate}-${index}`);
  });
  const startedMs = systemClock.monotonicMs();
  line.relay();
  while ((await countOf(line.db, "true")) > 0) await systemClock.sleep(20);
  const seconds = (systemClock.monotonicMs() - startedMs) / 1000;
  t.diagnostic(`${Math.round(2_000 / seconds)} events a second`);
  const effects = await line.effects();
  assert.equal(effects.length, 2_000);
  for (let aggregate = 1; aggregate <= 20; aggregate += 1) assertInOrder(effects, `g${aggregate}`, 100);
  assert.ok(seconds < 20, `took ${seconds} s`);
});

it("a relay that stops hands over at once; one that crashed is replaced when its lease ends", async () => {
  const line = await openLine();
  const stopFirst = line.relay();
  await line.emit("a-1");
  await eventually("the first works", async () => (await line.effects()).length === 1);
  const held = await line.db.rows("select 1 from outbox_relays");
  assert.equal(held.length, 1);
  await stopFirst();
  assert.deepEqual(await line.db.rows("select 1 from outbox_relays"), []);
  await line.db.run(
    "insert into outbox_relays (subscriber, owner, lease_until) values ('listener', 'crashed', now() + interval '1 second')",
  );
  await line.emit("a-2");
  line.relay(line.another());
  await eventually("the second took over", async () => (await line.effects()).length === 2);
  const late = await line.db.row("select 1 from outbox_relays where owner <> 'crashed'");
  assert.ok(late);
});

it("large events travel in several deliveries; one that no delivery can carry is refused when it is written", async () => {
  const line = await openLine();
  const sizes: number[] = [];
  line.carry = async (send) => {
    sizes.push(await countOf(line.db, "true"));
    return await send();
  };
  await line.db.inTransaction(async (tx) => {
    for (const label of labels("a", 5)) {
      const payload = { order: { id: label, email: "x".repeat(400_000) } };
      await line.outbox.emit(tx, {}, OrderPlacedSchema, { aggregateId: "a", payload });
    }
  });
  line.relay();
  await eventually("all arrived", async () => (await line.effects()).length === 5);
  assert.deepEqual(sizes, [5, 3, 1]);
  const huge = { aggregateId: "a", payload: { order: { id: "a", email: "x".repeat(1_000_001) } } };
  await assert.rejects(
    line.db.inTransaction(async (tx) => await line.outbox.emit(tx, {}, OrderPlacedSchema, huge)),
    /too large to be delivered/,
  );
});

it("an event that nobody hears is not written, and one that the door does not list is refused", async () => {
  const line = await openLine();
  const event = { aggregateId: "a", payload: {} };
  await line.db.inTransaction(async (tx) => await line.outbox.emit(tx, {}, OrderShippedSchema, event));
  assert.equal(await countOf(line.db, "true"), 0);
  await assert.rejects(
    line.db.inTransaction(async (tx) => await line.outbox.emit(tx, {}, OrderCancelledSchema, event)),
    /does not list order\.cancelled among what it emits/,
  );
});

it("a later version than the listener knows waits; one of a release without versions is read", async () => {
  const line = await openLine();
  const event = (id: number, version: number) => ({
    id: `00000000-0000-7000-8000-00000000000${id}`,
    topic: "order.placed",
    aggregateId: "a",
    version,
    payloadJson: JSON.stringify({ order: { id: `v-${version}` }, ofALaterRelease: true }),
  });
  const events = [event(1, 0), event(2, 1), event(3, 2)];
  const { failures } = await line.inbox.deliver({ source: "sender", events });
  assert.deepEqual(
    failures.map(({ eventId, isBlocked }) => [eventId, isBlocked]),
    [[event(3, 2).id, false]],
  );
  assert.match(failures[0]?.message ?? "", /arrived in version 2, and this release knows only version 1/);
  assert.deepEqual(await line.effects(), ["v-0", "v-1"]);
});

/** As the release before wrote it. */
async function leaveBehind(db: Database, label: string, isDead = false): Promise<void> {
  await db.run(
    `insert into outbox (event_id, subscriber, topic, aggregate_id, payload, dead_at)
     values (gen_random_uuid(), 'listener', 'order.placed', $1, $2, case when $3 then now() end)`,
    [label.split("-")[0], JSON.stringify({ order: { id: label } }), isDead],
  );
}

it("what the release before left in its outbox goes out first, also what it still writes beside this one", async () => {
  const line = await openLine();
  await leaveBehind(line.db, "a-1");
  await line.emit("a-3");
  await leaveBehind(line.db, "a-2");
  await leaveBehind(line.db, "dead-1", true);
  line.relay();
  await eventually("all arrived", async () => (await line.effects()).length === 3);
  assert.deepEqual(await line.effects(), ["a-1", "a-2", "a-3"]);
  await leaveBehind(line.db, "b-1");
  await eventually("a late one arrived", async () => (await line.effects()).length === 4);
  assert.deepEqual(await line.db.rows("select 1 from outbox"), []);
  assert.equal(await retryTasks(line.db, { name: "deliver-to-listener", key: null }), 1);
  await eventually("the dead one arrived", async () => (await line.effects()).includes("dead-1"));
});

it("an event that both releases delivered takes effect once", async () => {
  const line = await openLine();
  await leaveBehind(line.db, "a-1");
  const [row] = await line.db.rows<{ id: string }>("select event_id as id from outbox");
  const payloadJson = JSON.stringify({ order: { id: "a-1" } });
  const event = { id: row?.id ?? "", topic: "order.placed", aggregateId: "a", payloadJson };
  await line.inbox.deliver({ source: "sender", events: [event] });
  await moveLeftBehind(line.db, "listener");
  line.relay();
  await eventually("it is delivered", async () => (await countOf(line.db, "true")) === 0);
  assert.deepEqual(await line.effects(), ["a-1"]);
});

it("the notes of applied events are forgotten after 30 days, not before", async () => {
  const line = await openLine();
  await line.db.run(`insert into inbox (event_id, source, topic, applied_at) values
    (gen_random_uuid(), 'sender', 'old', now() - interval '31 days'), (gen_random_uuid(), 'sender', 'new', now() - interval '29 days')`);
  await forgetApplied(line.db).run(new AbortController().signal);
  assert.deepEqual(await line.db.rows("select topic from inbox"), [{ topic: "new" }]);
});
