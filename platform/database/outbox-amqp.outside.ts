import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, it } from "node:test";
import { OrderPlacedSchema } from "#gen/stoa/order/v1/order_pb.js";
import { openAmqpBroker } from "#platform/kit/amqp-broker.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { Secret } from "#platform/kit/config.ts";
import { randomCode } from "#platform/kit/ids.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import {
  openEventReader,
  startRabbitMq,
  type EventReader,
  type RabbitMq,
} from "#platform/testing/rabbitmq.ts";
import { countTasks, startRelay, tellEvents } from "#platform/testing/event-teller.ts";
import { makeDue } from "#platform/testing/tasks.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openDatabase, type Database } from "./db.ts";
import { migrate, platformMigrations, readMigrations } from "./migrate.ts";
import { Outbox } from "./outbox.ts";

const task = "deliver-to-broker";
const skip = skipWithout("rabbitmq-server");
const rabbit: RabbitMq = skip === false ? await startRabbitMq() : (undefined as never);

interface Line {
  readonly url: string;
  readonly exchange: string;
  readonly db: Database;
  readonly reader: EventReader;
  /** Relays, as a process of the sender does; returns how to end it. */
  relay(): () => Promise<void>;
  emit(...labels: string[]): Promise<void>;
  readonly waiting: () => Promise<number>;
}

async function openLine(): Promise<Line> {
  const url = await testDatabaseUrl("outbox_amqp");
  await migrate(url, await readMigrations("platform", platformMigrations));
  const clock = systemClock;
  const db = openDatabase({ url, name: "outbox", connectionsMax: 8, clock, log: silentLog });
  after(async () => await db.close());
  const exchange = `events-${randomCode(8)}`;
  const reader = await openEventReader(rabbit.url, exchange);
  const another = () => {
    const broker = openAmqpBroker({ url: new Secret(rabbit.url), exchange, name: "sender" });
    const emits = [OrderPlacedSchema];
    return new Outbox({ service: "sender", db, clock, log: silentLog, emits, subscribers: [], broker });
  };
  const emitter = another();
  const relay = () => startRelay(another(), after);
  const emit = async (...labels: string[]) => await tellEvents(db, emitter, labels);
  const waiting = async () => await countTasks(db, task);
  return { url, exchange, db, reader, relay, emit, waiting };
}

const labelsOf = (aggregates: readonly string[], count: number) =>
  Array.from({ length: count }, (_, index) =>
    aggregates.map((aggregate) => `${aggregate}-${index + 1}`),
  ).flat();

const labelOf = ({ data }: { data: unknown }) => (data as { order: { id: string } }).order.id;

/** Exactly these were read, perhaps more than once; each aggregate in its order; and a repeat is known by its id. */
function assertRead({ events }: EventReader, labels: readonly string[]): void {
  const firsts = new Map<string, string>();
  for (const event of events()) if (!firsts.has(event.id)) firsts.set(event.id, labelOf(event));
  const seen = [...firsts.values()];
  assert.deepEqual(seen.toSorted(), [...labels].toSorted());
  for (const aggregate of new Set(labels.map((label) => label.split("-")[0] ?? ""))) {
    const isOwn = (label: string) => label.startsWith(`${aggregate}-`);
    assert.deepEqual(seen.filter(isOwn), labels.filter(isOwn));
  }
}

const distinct = ({ events }: EventReader) => new Set(events().map(({ id }) => id)).size;

/** Brings the next tries forward until nothing waits, and the reader has everything. */
async function untilRead({ db, waiting, reader }: Line, count: number): Promise<void> {
  await eventually("everything is published", async () => {
    await makeDue(db, task);
    return (await waiting()) === 0;
  });
  await eventually("everything is read", () => distinct(reader) === count);
}

const endLeases = async ({ db }: Line) =>
  await db.run("update outbox_relays set lease_until = now() - interval '1 second'");

it(
  "a broker that is killed in the middle of a stream, and two relays that race, lose nothing and keep the order",
  { skip },
  async () => {
    const line = await openLine();
    const labels = labelsOf(["a", "b", "c", "d", "e", "f", "g", "h"], 60);
    const ends = [line.relay(), line.relay()];
    const emitting = line.emit(...labels);
    await eventually("some are read", () => distinct(line.reader) > 60);
    const atKill = distinct(line.reader);
    await rabbit.kill();
    await endLeases(line);
    await emitting;
    assert.ok(atKill < labels.length, "the kill came too late to be in the middle");
    assert.ok((await line.waiting()) > 0);
    await rabbit.start();
    await untilRead(line, labels.length);
    assertRead(line.reader, labels);
    await Promise.all(ends.map((end) => end()));
  },
);

it(
  "a relay process that is killed between publishing and noting, again and again, loses nothing and keeps the order",
  { skip },
  async () => {
    const line = await openLine();
    const labels = labelsOf(["a", "b", "c", "d"], 30);
    await line.emit(...labels);
    const program = new URL("../testing/relay-process.ts", import.meta.url).pathname;
    let kills = 0;
    while ((await line.waiting()) > 0 && kills < 3) {
      const before = distinct(line.reader);
      const child = spawn(process.execPath, [program, line.url, rabbit.url, line.exchange], {
        stdio: ["ignore", "inherit", "inherit"],
      });
      after(() => child.kill("SIGKILL"));
      await eventually("it has published some", () => distinct(line.reader) >= before + 5);
      child.kill("SIGKILL");
      await once(child, "exit");
      kills += 1;
      await endLeases(line);
    }
    assert.ok(kills > 0);
    line.relay();
    await untilRead(line, labels.length);
    assertRead(line.reader, labels);
  },
);

it(
  "while the broker is short of memory or answers nothing, emitting costs what it did, and a relay that stops ends soon",
  { skip },
  async (t) => {
    const line = await openLine();
    const end = line.relay();
    const timeOf = async (labels: readonly string[]) => {
      const startedMs = systemClock.monotonicMs();
      await line.emit(...labels);
      return systemClock.monotonicMs() - startedMs;
    };
    const well = labelsOf(["a", "b"], 50);
    const wellMs = await timeOf(well);
    await untilRead(line, well.length);
    rabbit.setMemoryAlarm(true);
    t.after(() => rabbit.setMemoryAlarm(false));
    const blocked = labelsOf(["c", "d"], 50);
    const blockedMs = await timeOf(blocked);
    rabbit.freeze();
    t.after(() => rabbit.thaw());
    const frozen = labelsOf(["e", "f"], 50);
    const frozenMs = await timeOf(frozen);
    for (const ms of [blockedMs, frozenMs])
      assert.ok(ms < 3 * wellMs + 500, `${ms} ms instead of ${wellMs} ms`);
    const stoppedMs = systemClock.monotonicMs();
    await end();
    assert.ok(systemClock.monotonicMs() - stoppedMs < 3_000);
    rabbit.thaw();
    rabbit.setMemoryAlarm(false);
    await endLeases(line);
    line.relay();
    const all = [...well, ...blocked, ...frozen];
    await untilRead(line, all.length);
    assertRead(line.reader, all);
  },
);
