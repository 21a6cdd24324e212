import assert from "node:assert/strict";
import { after, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { OrderPlacedSchema } from "#gen/stoa/order/v1/order_pb.js";
import {
  ListTasksRequestSchema,
  OperationsService,
  TaskStatus,
} from "#gen/stoa/platform/v1/operations_pb.js";
import { onEvent } from "#platform/database/events.ts";
import { defineTask, TaskRefused } from "#platform/database/tasks.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import { testCall } from "#platform/testing/call.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { testShop } from "#platform/testing/services.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { systemClock } from "./clock.ts";
import { readConfig } from "./config.ts";
import { newId } from "./ids.ts";
import { openServices, type RunOptions } from "./run.ts";
import { defineService, type AnyService, type ServiceParts } from "./service.ts";
import { PlatformConfig } from "./settings.ts";
import { fixedFlags } from "./flags.ts";

function service(name: string, parts: ServiceParts = {}, more: Partial<AnyService> = {}): AnyService {
  return { ...defineService({ name, config: {}, needs: {}, create: () => parts }), ...more };
}

function open(services: readonly AnyService[], more: Partial<RunOptions> = {}) {
  return openServices({
    services,
    order: services.map(({ name }) => name),
    environment: {},
    config: readConfig(PlatformConfig, { LOG_LEVEL: "silent", DRAIN_SECONDS: "1" }),
    home: async ({ name }) => await testDatabaseUrl(name),
    shop: testShop(),
    flags: fixedFlags(() => true),
    clock: systemClock,
    log: silentLog,
    ...more,
  });
}

const told = onEvent(OrderPlacedSchema, async () => await Promise.resolve());
const emitter = (name: string) => service(name, {}, { emits: [OrderPlacedSchema], database: `${name}_db` });
const listener = service("ad", { inbox: [told] }, { database: "ads_db" });

const misheard: [string, AnyService[], { [service: string]: string[] }, RegExp][] = [
  [
    "a topic that nobody emits",
    [listener],
    { ad: ["order.placed"] },
    /says that ad hears order\.placed, but no service emits it/,
  ],
  [
    "a topic that two services emit",
    [emitter("cart"), emitter("order")],
    {},
    /Both cart and order emit order\.placed/,
  ],
  [
    "events without a database",
    [service("cart", {}, { emits: [OrderPlacedSchema] })],
    {},
    /The cart service emits events, but has no database/,
  ],
  [
    "a topic in the list without a handler",
    [emitter("cart"), service("ad")],
    { ad: ["order.placed"] },
    /says that ad hears order\.placed, but its inbox has no handler for it/,
  ],
  [
    "a handler whose topic is not in the list",
    [emitter("cart"), listener],
    {},
    /The inbox of ad has a handler for order\.placed, but the list of services does not say/,
  ],
];

for (const [what, services, hears, message] of misheard) {
  it(`${what} is refused in a sentence`, async () => {
    await assert.rejects(open(services, { hears }), message);
  });
}

it("an event goes up and down the list alike, from an emitter that names nobody, in the trace of its cause", async () => {
  const heard: string[] = [];
  const hearing = (name: string) => {
    const note = onEvent(OrderPlacedSchema, async (_, { order }, { trace }) => {
      heard.push(`${name} ${order?.id} ${trace?.traceId}`);
      await Promise.resolve();
    });
    return service(name, { inbox: [note] }, { database: `${name}_db` });
  };
  const running = await open([hearing("ad"), emitter("cart"), hearing("email")], {
    hears: { ad: ["order.placed"], email: ["order.placed"] },
  });
  after(async () => await running.close());
  running.startWork();
  const cart = running.services.find(({ name }) => name === "cart");
  const trace = traceFrom(undefined);
  const event = { aggregateId: "a", payload: { order: { id: "o-1" } } };
  await cart?.db?.inTransaction(
    async (tx) => await cart.outbox.emit(tx, { trace }, OrderPlacedSchema, event),
  );
  await eventually("both have heard it", () => heard.length === 2);
  assert.deepEqual(heard.sort(), [`ad o-1 ${trace.traceId}`, `email o-1 ${trace.traceId}`]);
});

it("every service with a database answers operators, and nobody else", async () => {
  const failing = defineTask({
    name: "fail",
    run: async () => await Promise.reject(new TaskRefused("Never.")),
  });
  const running = await open([service("cart", { tasks: [failing] }, { database: "carts_db" })]);
  after(async () => await running.close());
  running.startWork();
  const cart = running.services[0];
  await cart?.db?.inTransaction(async (tx) => await cart.tasks.add(tx, {}, { name: "fail", key: "k" }));
  const operations = running.client(OperationsService, "cart", "admin");
  await eventually("it is given up", async () => (await operations.listTasks({})).tasks.length === 1);
  const { tasks, states } = await operations.listTasks({ name: "fail" });
  assert.deepEqual(
    tasks.map(({ name, key, status, attempts, lastError }) => [name, key, status, attempts, lastError]),
    [["fail", "k", TaskStatus.DEAD, 1, "Never."]],
  );
  assert.deepEqual(
    states.map(({ name, dead }) => [name, dead]),
    [["fail", 1]],
  );
  await assert.rejects(operations.retryTasks({ key: "k" }), /is required where a key is given/);
  assert.equal((await operations.retryTasks({ name: "fail", key: "k" })).count, 1);
  await eventually("it was tried again", async () => {
    const { tasks: dead } = await operations.listTasks({});
    return dead.length === 1;
  });
  await assert.rejects(operations.discardTasks({ key: "k" }), /is required/);
  const decision = { name: "fail", key: "k", actorUserId: newId(), reason: "The order is gone." };
  assert.equal((await operations.discardTasks(decision)).count, 1);
  assert.equal((await operations.discardTasks(decision)).count, 0);
  assert.deepEqual((await operations.listTasks({})).tasks, []);
  assert.equal((await operations.listTasks({ status: TaskStatus.DONE })).tasks.length, 1);
  const kept = await cart?.db?.rows<{ action: string; actor: string }>(
    "select action, actor from activity where action like 'task.%' order by sequence",
  );
  assert.deepEqual(
    kept?.map(({ action, actor }) => [action, actor]),
    [
      ["task.retry", "admin"],
      ["task.discard", decision.actorUserId],
    ],
  );
  const figures = await operations.getDatabase({});
  assert.ok(figures.sizeBytes > 1e6 && figures.connections > 0 && figures.connectionsMax > 0);
  assert.deepEqual((await operations.listUnderWay({})).items, []);
  const bound = cart?.parts.internalRpc?.find(({ descriptor }) => descriptor === OperationsService);
  const list = bound?.handlers.get(OperationsService.method.listTasks.localName);
  const asked = create(ListTasksRequestSchema);
  await assert.rejects(async () => await list?.(asked as never, testCall()), /TOKEN_REQUIRED|ADMIN_REQUIRED/);
  await assert.rejects(
    async () => await list?.(asked as never, testCall({ userId: newId() })),
    /ADMIN_REQUIRED/,
  );
});
