import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, it } from "node:test";
import { OrderPlacedSchema, OrderShippedSchema } from "#gen/stoa/order/v1/order_pb.js";
import type { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { Secret } from "#platform/kit/config.ts";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { openHttpBroker } from "#platform/kit/http-broker.ts";
import type { Client } from "#platform/rpc/contract.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { taskOldestSeconds } from "#platform/telemetry/metrics.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { openEventReceiver, type EventReceiver } from "#platform/testing/event-receiver.ts";
import { countTasks, startRelay, tellEvents } from "#platform/testing/event-teller.ts";
import { makeDue } from "#platform/testing/tasks.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openDatabase, type Database } from "./db.ts";
import { migrate, platformMigrations, readMigrations } from "./migrate.ts";
import { Outbox } from "./outbox.ts";
import { showTaskStates } from "./tasks.ts";

const task = "deliver-to-broker";

interface Line {
  readonly url: string;
  readonly db: Database;
  readonly receiver: EventReceiver;
  readonly outbox: Outbox;
  /** Another process of the same sender. */
  another(): Outbox;
  relay(outbox?: Outbox): () => Promise<void>;
  emit(...labels: string[]): Promise<void>;
  readonly waiting: () => Promise<number>;
}

async function openLine(inbox?: Client<typeof EventInboxService>): Promise<Line> {
  const url = await testDatabaseUrl("outbox_broker");
  await migrate(url, await readMigrations("platform", platformMigrations));
  const clock = systemClock;
  const db = openDatabase({ url, name: "outbox", connectionsMax: 8, clock, log: silentLog });
  after(async () => await db.close());
  const receiver = await openEventReceiver();
  const another = () => {
    const secret = new Secret("a-key-for-events-that-only-tests-know");
    const broker = openHttpBroker({ url: new Secret(receiver.url), secret, clock, timeoutMs: 500 });
    const emits = [OrderPlacedSchema, OrderShippedSchema];
    const subscribers = inbox ? [{ name: "listener", hears: ["order.placed"], inbox }] : [];
    return new Outbox({ service: "sender", db, clock, log: silentLog, emits, subscribers, broker });
  };
  const outbox = another();
  const relay = (relaying = outbox) => startRelay(relaying, after);
  const emit = async (...labels: string[]) => await tellEvents(db, outbox, labels);
  const waiting = async () => await countTasks(db, task);
  return { url, db, receiver, outbox, another, relay, emit, waiting };
}

const labelsOf = (aggregates: readonly string[], count: number) =>
  Array.from({ length: count }, (_, index) =>
    aggregates.map((aggregate) => `${aggregate}-${index + 1}`),
  ).flat();

const labelOf = ({ data }: { data: unknown }) => (data as { order: { id: string } }).order.id;

/** Exactly these were taken, perhaps more than once; each aggregate in its order; and a repeat is known by its id. */
function assertTaken({ taken }: EventReceiver, labels: readonly string[]): void {
  const firsts = new Map<string, string>();
  for (const event of taken) if (!firsts.has(event.id)) firsts.set(event.id, labelOf(event));
  const seen = [...firsts.values()];
  assert.deepEqual(seen.toSorted(), [...labels].toSorted());
  for (const aggregate of new Set(labels.map((label) => label.split("-")[0] ?? ""))) {
    const isOwn = (label: string) => label.startsWith(`${aggregate}-`);
    assert.deepEqual(seen.filter(isOwn), labels.filter(isOwn));
  }
}

/** Brings the next tries forward until nothing waits. */
async function untilPublished({ db, waiting }: Line): Promise<void> {
  await eventually("everything is published", async () => {
    await makeDue(db, task);
    return (await waiting()) === 0;
  });
}

it("an event is published if and only if its transaction committed, also one that no service hears, and is what its contract says", async () => {
  const line = await openLine();
  line.relay();
  await assert.rejects(
    line.db.inTransaction(async (tx) => {
      await line.outbox.emit(tx, {}, OrderPlacedSchema, { aggregateId: "a", payload: {} });
      throw new Error("Changed my mind.");
    }),
  );
  const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: true };
  await line.db.inTransaction(async (tx) => {
    const payload = { order: { id: "7" } };
    await line.outbox.emit(tx, { trace }, OrderShippedSchema, { aggregateId: "b", payload });
  });
  await eventually("it is published and gone", async () => (await line.waiting()) === 0);
  const [event, ...more] = line.receiver.taken;
  assert.ok(event);
  const { id, time, data, ...attributes } = event;
  assert.deepEqual(attributes, {
    specversion: "1.0",
    source: "/stoa/sender",
    type: "order.shipped.v1",
    subject: "b",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    dataschema: "proto:stoa.order.v1.OrderShipped",
    datacontenttype: "application/json",
  });
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.ok(Math.abs(Date.now() - Date.parse(time)) < 60_000);
  assert.deepEqual([data, more], [{ order: { id: "7" } }, []]);
});

it("exactly what was emitted is published, in order, by a receiver that is slow, fails, hangs up, loses answers and restarts, and two relays that race", async () => {
  const line = await openLine();
  let requests = 0;
  line.receiver.conduct = async () => {
    requests += 1;
    const turn = requests % 23;
    if (turn === 3) await systemClock.sleep(100);
    if (turn === 5) return 500;
    if (turn === 7) return "hangs-up";
    if (turn === 11) return "takes-and-hangs-up";
    return requests === 40 ? "silent" : 204;
  };
  const labels = labelsOf(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], 30);
  await line.emit(...labels);
  line.relay();
  line.relay(line.another());
  await eventually("some are published", () => line.receiver.taken.length > 50);
  await line.receiver.leave();
  await line.db.run("update outbox_relays set lease_until = now() - interval '1 second'");
  await line.receiver.comeBack();
  await untilPublished(line);
  assertTaken(line.receiver, labels);
});

it("a broker that is away keeps no service waiting, and after any number of failed tries gets everything", async () => {
  const heard: string[] = [];
  const line = await openLine({
    deliver: ({ events = [] }) => {
      heard.push(...events.map(({ payloadJson = "{}" }) => labelOf({ data: JSON.parse(payloadJson) })));
      return Promise.resolve({ $typeName: "stoa.platform.v1.DeliverResponse", failures: [] });
    },
  });
  await line.receiver.leave();
  line.relay();
  const labels = labelsOf(["a", "b", "c"], 10);
  await line.emit(...labels);
  await eventually("the listener has heard everything", () => heard.length === labels.length);
  await eventually("a try has failed", async () => {
    const row = await line.db.row(
      "select 1 from tasks where name = $1 and attempts > 0 and dead_at is null",
      [task],
    );
    return row !== undefined;
  });
  const rows: Database["rows"] = (text, values) => line.db.rows(text, values);
  const errors = await rows<{ text: string }>(
    "select last_error as text from tasks where name = $1 and attempts > 0",
    [task],
  );
  assert.match(errors[0]?.text ?? "", /could not be asked/);
  // As after a night of it.
  await line.db.run("update tasks set attempts = 10000 where name = $1 and attempts > 0", [task]);
  await makeDue(line.db, task);
  await eventually("another try has failed", async () => {
    return (await rows("select 1 from tasks where name = $1 and attempts > 10000", [task])).length > 0;
  });
  await showTaskStates("sender", line.db, [task]).run(new AbortController().signal);
  const { values } = await taskOldestSeconds.get();
  assert.ok(values.some(({ labels: { name }, value }) => name === task && value > 0));
  assert.deepEqual(await rows("select 1 from tasks where dead_at is not null"), []);
  await line.receiver.comeBack();
  await untilPublished(line);
  assertTaken(line.receiver, labels);
});

it("events that a receiver never takes keep only their own aggregates waiting, however many they are", async () => {
  const line = await openLine();
  const bad = Array.from({ length: 150 }, (_, index) => `bad${index}`);
  line.receiver.conduct = ({ subject }) => (subject.startsWith("bad") ? 400 : 204);
  await line.emit(...labelsOf(bad, 2), ...labelsOf(["good"], 20));
  line.relay();
  await eventually("the others are published", () => line.receiver.taken.length === 20);
  assertTaken(line.receiver, labelsOf(["good"], 20));
  line.receiver.conduct = () => 204;
  await untilPublished(line);
  assertTaken(line.receiver, [...labelsOf(bad, 2), ...labelsOf(["good"], 20)]);
});

it("what was published and could not be noted is published again, with the same id", async () => {
  const line = await openLine();
  await line.emit("a-1", "a-2");
  let failures = 1;
  setFailpoints((name) => {
    if (name !== "outbox.before-settle" || failures === 0) return;
    failures -= 1;
    throw new Error("The process loses its memory.");
  });
  after(() => setFailpoints(undefined));
  line.relay();
  await eventually("everything is published", async () => (await line.waiting()) === 0);
  assert.deepEqual(line.receiver.taken.map(labelOf), ["a-1", "a-2", "a-1", "a-2"]);
  assertTaken(line.receiver, ["a-1", "a-2"]);
});

it("a process that is killed between publishing and noting, again and again, loses nothing and keeps the order", async () => {
  const line = await openLine();
  const labels = labelsOf(["a", "b", "c", "d"], 40);
  await line.emit(...labels);
  const program = new URL("../testing/relay-process.ts", import.meta.url).pathname;
  const lives = { kills: 0 };
  while ((await line.waiting()) > 0 && lives.kills < 5) {
    const child = spawn(process.execPath, [program, line.url, line.receiver.url], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    after(() => child.kill("SIGKILL"));
    const before = line.receiver.taken.length;
    // Taken, but whoever sent it never learns of it.
    line.receiver.conduct = () => {
      if (line.receiver.taken.length >= before + 12) child.kill("SIGKILL");
      return 204;
    };
    await once(child, "exit");
    lives.kills += 1;
    await line.db.run("update outbox_relays set lease_until = now() - interval '1 second'");
  }
  assert.equal(lives.kills, 5);
  const repeats = line.receiver.taken.length - new Set(line.receiver.taken.map(({ id }) => id)).size;
  assert.ok(repeats > 0, "nothing was published twice: the kills came at the wrong moment");
  line.receiver.conduct = () => 204;
  line.relay();
  await untilPublished(line);
  assertTaken(line.receiver, labels);
});

it("a relay that stops ends what it is at, and another one goes on at once", async () => {
  const line = await openLine();
  line.receiver.conduct = () => "silent";
  const stop = line.relay();
  await line.emit("a-1", "b-1");
  await eventually("it is at it", () => line.receiver.requests.length === 2);
  const startedMs = systemClock.monotonicMs();
  await stop();
  assert.ok(systemClock.monotonicMs() - startedMs < 2_000);
  line.receiver.conduct = () => 204;
  line.relay(line.another());
  await untilPublished(line);
  assertTaken(line.receiver, ["a-1", "b-1"]);
});
