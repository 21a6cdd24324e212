import assert from "node:assert/strict";
import { after, it, type TestContext } from "node:test";
import { Connection } from "rabbitmq-client";
import { testAuthority, testFolder } from "#platform/testing/certificates.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import { openEventReader, startRabbitMq, type RabbitMq } from "#platform/testing/rabbitmq.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openAmqpBroker } from "./amqp-broker.ts";
import { brokerContract } from "./broker.contract.ts";
import type { Broker, PublishedEvent } from "./broker.ts";
import { systemClock } from "./clock.ts";
import { Secret } from "./config.ts";
import { newId, randomCode } from "./ids.ts";

const skip = skipWithout("rabbitmq-server");
const forever = new AbortController().signal;

const files = testFolder();
const authority = testAuthority();
const leaf = authority.sign();
const tls = {
  authority: files.write("authority.pem", authority.cert),
  certificate: files.write("leaf.pem", leaf.cert),
  key: files.write("leaf.key", leaf.key),
};
const rabbit: RabbitMq = skip === false ? await startRabbitMq(tls) : (undefined as never);

function openAdmin(): Connection {
  const admin = new Connection(rabbit.url);
  admin.on("error", () => undefined);
  after(() => admin.unsafeDestroy());
  return admin;
}

async function open() {
  const exchange = `events-${randomCode(8)}`;
  const broker = openAmqpBroker({ url: new Secret(rabbit.url), exchange, name: "order" });
  const reader = await openEventReader(rabbit.url, exchange);
  const admin = openAdmin();
  const full = `full-${exchange}`;
  const refusing = {
    queue: full,
    durable: true,
    arguments: { "x-max-length": 0, "x-overflow": "reject-publish" as const },
  };
  const answer = async (how: "take" | "refuse" | "silence") => {
    if (how === "silence") rabbit.freeze();
    else rabbit.thaw();
    if (how === "refuse") {
      await admin.queueDeclare(refusing);
      await admin.queueBind({ queue: full, exchange, routingKey: "#" });
    }
    if (how === "take") await admin.queueDelete({ queue: full });
  };
  after(() => broker.close());
  return { broker, reader, answer };
}

function event(subject: string, id = newId()): PublishedEvent {
  return {
    id,
    source: "/stoa/order",
    type: "order.placed.v1",
    subject,
    time: new Date("2030-01-02T03:04:05Z"),
    traceparent: undefined,
    dataSchema: undefined,
    dataJson: '{"order":{"id":"7"}}',
  };
}

const some = (count: number) => Array.from({ length: count }, (_, index) => event(`s${index}`));

async function publishWithin(broker: Broker, events: readonly PublishedEvent[], ms: number) {
  return await broker.publish(events, AbortSignal.timeout(ms)).then(
    ({ confirmed }) => confirmed.length,
    (error: Error) => error.message,
  );
}

if (skip === false)
  brokerContract("amqp", async () => {
    const { broker, reader, answer } = await open();
    return {
      broker,
      consumed: reader.events,
      answer,
      leave: () => rabbit.kill(),
      comeBack: () => rabbit.start(),
    };
  });

it("the broker is there again for the tests that follow", { skip }, async () => await rabbit.start());

it(
  "a message is persistent, bears its id and topic, and says what it is in headers, too",
  { skip },
  async () => {
    const { broker, reader } = await open();
    await broker.publish([event("order-1", "id-1")], forever);
    await eventually("it was read", () => reader.read.length === 1);
    const { message } = reader.read[0] ?? assert.fail();
    const { routingKey, durable, contentType, messageId, type, timestamp, headers } = message;
    assert.deepEqual(
      { routingKey, durable, contentType, messageId, type, timestamp, headers },
      {
        routingKey: "order.placed.v1",
        durable: true,
        contentType: "application/cloudevents+json; charset=utf-8",
        messageId: "id-1",
        type: "order.placed.v1",
        timestamp: Date.parse("2030-01-02T03:04:05Z") / 1000,
        headers: {
          cloudEvents_specversion: "1.0",
          cloudEvents_id: "id-1",
          cloudEvents_source: "/stoa/order",
          cloudEvents_type: "order.placed.v1",
          cloudEvents_subject: "order-1",
        },
      },
    );
  },
);

it(
  "an exchange without queues takes everything; one that somebody made is used as it is",
  { skip },
  async () => {
    const exchange = `events-${randomCode(8)}`;
    const admin = openAdmin();
    const url = new Secret(rabbit.url);
    const broker = openAmqpBroker({ url, exchange, name: "order" });
    assert.equal(await publishWithin(broker, some(5), 5_000), 5);
    await broker.close();
    await admin.exchangeDeclare({ exchange: `${exchange}-own`, type: "headers", durable: true });
    const other = openAmqpBroker({ url, exchange: `${exchange}-own`, name: "order" });
    assert.equal(await publishWithin(other, some(5), 5_000), 5);
    // One that is taken away meanwhile is made again.
    await admin.exchangeDelete({ exchange: `${exchange}-own` });
    await other.publish(some(1), forever).catch(() => undefined);
    assert.equal(await publishWithin(other, some(5), 5_000), 5);
    await other.close();
  },
);

it(
  "a broker short of memory is left alone, keeps nobody waiting, and gets everything once it has room",
  { skip },
  async (t: TestContext) => {
    t.after(() => rabbit.setMemoryAlarm(false));
    const { broker, reader } = await open();
    assert.equal(await publishWithin(broker, some(3), 5_000), 3);
    rabbit.setMemoryAlarm(true);
    const events = some(20);
    const first = await publishWithin(broker, events, 8_000);
    assert.match(String(first), /takes no messages for now|^[0-9]+$/);
    for (let round = 0; round < 200; round += 1)
      assert.match(String(await publishWithin(broker, events, 8_000)), /takes no messages for now/);
    rabbit.setMemoryAlarm(false);
    await eventually("it takes them", async () => (await publishWithin(broker, events, 5_000)) === 20);
    await eventually("all were read", () => new Set(reader.events().map(({ id }) => id)).size === 23);
    // Had anything piled up for the broker, it would have come by now: before what was published last.
    assert.ok(reader.events().length <= 3 + 3 * 20, `${reader.events().length} were read`);
  },
);

it(
  "a broker that answers nothing costs a batch its time, once: the next one opens a new connection",
  { skip },
  async (t: TestContext) => {
    t.after(() => rabbit.thaw());
    const { broker } = await open();
    assert.equal(await publishWithin(broker, some(3), 5_000), 3);
    rabbit.freeze();
    assert.equal(await publishWithin(broker, some(3), 300), "The broker did not answer in time.");
    rabbit.thaw();
    assert.equal(await publishWithin(broker, some(3), 5_000), 3);
  },
);

it("closing waits for nobody who does not answer", { skip }, async (t: TestContext) => {
  t.after(() => rabbit.thaw());
  const { broker } = await open();
  assert.equal(await publishWithin(broker, some(3), 5_000), 3);
  rabbit.freeze();
  const startedMs = systemClock.monotonicMs();
  await broker.close();
  assert.ok(systemClock.monotonicMs() - startedMs < 2_500);
  await assert.rejects(broker.publish(some(1), forever), /is closed/);
  rabbit.thaw();
});

it(
  "a wrong password, a host that is not there and a port that refuses are said without the password",
  { skip },
  async () => {
    const refused = async (url: string, says: RegExp) => {
      const broker = openAmqpBroker({ url: new Secret(url), exchange: "x", name: "order" });
      const said = String(await publishWithin(broker, some(1), 8_000));
      assert.match(said, says);
      assert.doesNotMatch(said, /hunter22/);
      await broker.close();
    };
    await refused(
      `amqp://shop:hunter22@127.0.0.1:${rabbit.port}`,
      /ACCESS_REFUSED|refused|cannot be reached/i,
    );
    await refused("amqp://shop:hunter22@127.0.0.1:9", /ECONNREFUSED/);
    await refused("amqp://shop:hunter22@nowhere.invalid:5672", /ENOTFOUND|EAI_AGAIN/);
  },
);

it(
  "over TLS the broker is verified: by an authority that is named, and not without it",
  { skip },
  async () => {
    const url = new Secret(rabbit.encryptedUrl);
    const known = openAmqpBroker({ url, exchange: "tls", caFile: tls.authority, name: "order" });
    assert.equal(await publishWithin(known, some(3), 5_000), 3);
    await known.close();
    const unknown = openAmqpBroker({ url, exchange: "tls", name: "order" });
    assert.match(String(await publishWithin(unknown, some(3), 5_000)), /certificate/);
    await unknown.close();
  },
);
