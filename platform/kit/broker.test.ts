import assert from "node:assert/strict";
import { it } from "node:test";
import { OrderPlacedSchema } from "#gen/stoa/order/v1/order_pb.js";
import type { Database } from "#platform/database/db.ts";
import { openEventReceiver } from "#platform/testing/event-receiver.ts";
import { testServices } from "#platform/testing/services.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { brokerPort, type PublishedEvent } from "./broker.ts";
import { setting } from "./config.ts";
import { defineExtension, provide, type ExtensionDefinition } from "./extension.ts";
import { defineService, type AnyService, type Kit } from "./service.ts";
import { defineShop } from "./shop-file.ts";

const secret = "a-key-for-events-that-only-tests-know";

/** Opens a service that emits, with its work going on, and emits one event. */
async function emitOne(environment: Record<string, string>, extensions: ExtensionDefinition[] = []) {
  const opened: { kit?: Kit<{}, {}> } = {};
  const sender = defineService({
    name: "sender",
    config: {},
    needs: {},
    database: "sender_db",
    emits: [OrderPlacedSchema],
    create: (kit: Kit<{}, {}>) => {
      opened.kit = kit;
      return {};
    },
  }) as AnyService;
  const running = await testServices([sender], { environment, extensions, startWork: true });
  const { kit } = opened;
  assert.ok(kit);
  const statements: string[] = [];
  await kit.db.inTransaction(async (tx) => {
    const watched = {
      ...tx,
      onCommit: (work: () => void) => tx.onCommit(work),
      run: async (text: string, values: readonly unknown[]) => {
        statements.push(text);
        return await tx.run(text, values);
      },
    };
    const event = { aggregateId: "a", payload: { order: { id: "7" } } };
    await kit.outbox.emit(watched as typeof tx, {}, OrderPlacedSchema, event);
  });
  return { running, db: kit.db, statements };
}

const waiting = async (db: Database) => (await db.rows("select key from tasks")).length;

it("without EVENTS_URL there is no broker, and an event costs no row and no statement more", async () => {
  const { db, statements } = await emitOne({});
  assert.deepEqual([await waiting(db), statements], [0, []]);
});

it("with http:// every event is posted, from one row that is written in one statement", async () => {
  const receiver = await openEventReceiver();
  const environment = { EVENTS_URL: receiver.url, EVENTS_SECRET: secret };
  const { db, statements } = await emitOne(environment);
  assert.equal(statements.length, 1);
  await eventually("it is published and gone", async () => (await waiting(db)) === 0);
  assert.deepEqual(
    receiver.taken.map(({ type, source }) => [type, source]),
    [["order.placed.v1", "/stoa/sender"]],
  );
});

it("another scheme is answered by an extension, with settings of its own; it is closed with the shop", async () => {
  const published: PublishedEvent[] = [];
  let closings = 0;
  const carrier = provide(brokerPort, {
    name: "pigeon",
    config: {
      EVENTS_URL: setting.text({ doc: "Where the pigeons live." }),
      PIGEON_COUNT: setting.integer({ default: 1, doc: "How many fly." }),
    },
    create: ({ config, service }) => ({
      publish: (events) => {
        assert.deepEqual([config.EVENTS_URL, config.PIGEON_COUNT, service], ["pigeon://roof", 3, "sender"]);
        published.push(...events);
        return Promise.resolve({ confirmed: events.map(({ id }) => id), failed: [] });
      },
      close: () => {
        closings += 1;
        return Promise.resolve();
      },
    }),
  });
  const extension = defineExtension({ name: "pigeons", provides: [carrier] });
  const { running } = await emitOne({ EVENTS_URL: "pigeon://roof", PIGEON_COUNT: "3" }, [extension]);
  await eventually("it flew", () => published.length === 1);
  await running.close();
  assert.equal(closings, 1);
});

it("a URL that nothing answers, and one that is none, are refused at the start without what they may hold", async () => {
  const refused = async (url: string, says: RegExp) =>
    await assert.rejects(emitOne({ EVENTS_URL: url, EVENTS_SECRET: secret }), (error: Error) => {
      assert.match(error.message, says);
      assert.ok(!error.message.includes("hunter2"), error.message);
      return true;
    });
  await refused(
    "kafka://shop:hunter2@events:9092",
    /^EVENTS_URL says kafka, which nothing in the shop file answers\. There are: none, http, https, amqp, amqps\.$/,
  );
  await refused("hunter2@events", /^EVENTS_URL must be a URL such as https:/);
});

it("events over HTTP are never unsigned: a missing or short secret is refused", async () => {
  for (const EVENTS_SECRET of ["", "short"])
    await assert.rejects(
      emitOne({ EVENTS_URL: "https://events.example.com", EVENTS_SECRET }),
      /EVENTS_SECRET must be set to at least 32 random characters/,
    );
});

it("an address of a message broker that guards nothing, or names nobody, is refused at the start without its password", async () => {
  const refused: [string, RegExp][] = [
    ["amqp://events.example.com", /must name user, password and host/],
    ["amqp://shop@events.example.com", /must name user, password and host/],
    ["amqps://shop:changeme@events.example.com", /is an example value that anyone can look up/],
    ["amqp://guest:guest@events.example.com", /is an example value that anyone can look up/],
    ["amqp://shop:hunter2%@events.example.com", /EVENTS_URL holds a % that/],
  ];
  for (const [EVENTS_URL, says] of refused)
    await assert.rejects(emitOne({ EVENTS_URL }), (error: Error) => {
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /changeme|hunter2/);
      return true;
    });
  const EVENTS_CA_FILE = "/nowhere/authority.pem";
  await assert.rejects(
    emitOne({ EVENTS_URL: "amqps://shop:hunter2@events.example.com", EVENTS_CA_FILE }),
    /The file \/nowhere\/authority\.pem, which EVENTS_CA_FILE names, cannot be read/,
  );
});

it("no service may be called as the broker is", () => {
  const load = () => assert.fail("nothing is loaded");
  assert.throws(() => defineShop({ services: [{ name: "broker", load }] }), /cannot be called broker/);
});
