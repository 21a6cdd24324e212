// What every answer to the event broker port promises.
import assert from "node:assert/strict";
import { it } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import type { Broker, Publication, PublishedEvent } from "./broker.ts";
import { systemClock } from "./clock.ts";
import { newId } from "./ids.ts";

/** An event as whoever reads from the broker sees it. */
export interface ConsumedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly traceparent?: string | undefined;
  readonly dataschema?: string | undefined;
  readonly data: unknown;
}

/** The other side of an implementation, as its test controls it. */
export interface BrokerInHand {
  readonly broker: Broker;
  /** What a reader got, repeats included, in the order of arrival. */
  readonly consumed: () => readonly ConsumedEvent[];
  /** What happens to events from now on: they are taken, refused, or nobody ever answers. */
  readonly answer: (how: "take" | "refuse" | "silence") => Promise<void> | void;
  readonly leave: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
}

const forever = new AbortController().signal;

function event(subject: string, number: number): PublishedEvent {
  return {
    id: newId(),
    source: "/stoa/order",
    type: "order.placed.v1",
    subject,
    time: new Date("2030-01-02T03:04:05.678Z"),
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    dataSchema: "proto:stoa.order.v1.OrderPlaced",
    dataJson: JSON.stringify({ number, text: 'quoted "words", Ünïcode and \u2028 lines' }),
  };
}

/** 300 events of 20 subjects, in turns. */
const manyEvents = () => Array.from({ length: 300 }, (_, index) => event(`s${index % 20}`, index));

/** Publishes what is not yet confirmed, again and again, as the outbox does. */
async function publishAll(broker: Broker, events: readonly PublishedEvent[]): Promise<void> {
  let left = events;
  await eventually("everything is confirmed", async () => {
    const { confirmed } = await broker.publish(left, forever).catch(() => nothing);
    left = left.filter(({ id }) => !confirmed.includes(id));
    return left.length === 0;
  });
}

const nothing: Publication = { confirmed: [], failed: [] };

/** Exactly these events were read, some perhaps more than once, and each for the first time after those before it. */
function assertRead(consumed: readonly ConsumedEvent[], events: readonly PublishedEvent[]): void {
  const firsts = [...new Map(consumed.toReversed().map((one) => [one.id, one])).keys()].toReversed();
  assert.deepEqual(new Set(firsts), new Set(events.map(({ id }) => id)));
  const subjects = Map.groupBy(events, ({ subject }) => subject);
  for (const [subject, own] of subjects) {
    const ids = own.map(({ id }) => id);
    assert.deepEqual(
      firsts.filter((id) => ids.includes(id)),
      ids,
      subject,
    );
  }
}

/** Runs the suite over one implementation; `open` makes it, and a broker of its own, as a shop would. */
export function brokerContract(name: string, open: () => Promise<BrokerInHand>): void {
  it(`${name}: an event arrives with all it has: id, source, type, subject, time, trace, schema and data`, async () => {
    const { broker, consumed } = await open();
    const sent = event("order-1", 7);
    const { dataJson, dataSchema, time, ...rest } = sent;
    assert.deepEqual(await broker.publish([sent], forever), { confirmed: [sent.id], failed: [] });
    await eventually("it was read", () => consumed().length === 1);
    const [read] = consumed();
    assert.ok(read);
    const { id, source, type, subject, traceparent, dataschema, data } = read;
    assert.deepEqual({ id, source, type, subject, traceparent }, rest);
    assert.deepEqual([dataschema, data], [dataSchema, JSON.parse(dataJson)]);
    assert.equal(new Date(read.time).getTime(), time.getTime());
    await broker.close();
  });

  it(`${name}: what is confirmed was read by somebody, each subject in its order`, async () => {
    const { broker, consumed } = await open();
    const events = manyEvents();
    const { confirmed, failed } = await broker.publish(events, forever);
    assert.deepEqual([new Set(confirmed), failed], [new Set(events.map(({ id }) => id)), []]);
    await eventually("all were read", () => consumed().length >= events.length);
    assertRead(consumed(), events);
    await broker.close();
  });

  it(`${name}: what is refused or not answered is never confirmed, and goes through later in its order`, async () => {
    const { broker, consumed, answer } = await open();
    const events = manyEvents();
    for (const how of ["refuse", "silence"] as const) {
      await answer(how);
      const { confirmed } = await broker.publish(events, AbortSignal.timeout(300)).catch(() => nothing);
      assert.deepEqual(confirmed, [], how);
    }
    await answer("take");
    await publishAll(broker, events);
    await eventually("all were read", () => new Set(consumed().map(({ id }) => id)).size === events.length);
    assertRead(consumed(), events);
    await broker.close();
  });

  it(`${name}: a broker that was away is found again, and has missed nothing`, async () => {
    const { broker, consumed, leave, comeBack } = await open();
    const events = manyEvents();
    await publishAll(broker, events.slice(0, 50));
    await leave();
    const { confirmed } = await broker
      .publish(events.slice(50), AbortSignal.timeout(2_000))
      .catch(() => nothing);
    assert.deepEqual(confirmed, []);
    await comeBack();
    await publishAll(broker, events.slice(50));
    await eventually("all were read", () => new Set(consumed().map(({ id }) => id)).size === events.length);
    assertRead(consumed(), events);
    await broker.close();
  });

  it(`${name}: one that was used, and whose broker is away, closes at once; and again`, async () => {
    const { broker, leave, comeBack } = await open();
    await publishAll(broker, manyEvents().slice(0, 3));
    await leave();
    const startedMs = systemClock.monotonicMs();
    await broker.close();
    await broker.close();
    assert.ok(systemClock.monotonicMs() - startedMs < 2_500);
    await comeBack();
  });

  it(`${name}: one that was never used, and whose broker is away, closes; and again`, async () => {
    const { broker, leave } = await open();
    await leave();
    await broker.close();
    await broker.close();
  });
}
