import assert from "node:assert/strict";
import { it } from "node:test";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { testServices } from "#platform/testing/services.ts";
import { setting } from "./config.ts";
import {
  add,
  defineExtension,
  definePoint,
  definePort,
  defineProvider,
  provide,
  type PortEntry,
} from "./extension.ts";
import { checkContracts } from "./extension-kit.ts";
import { defineService, type AnyService, type Kit } from "./service.ts";

interface Clerk {
  greet(): string;
}
const clerkPort = definePort<Clerk, { guest: string }>("clerk");
const signs = definePoint<string>("desk.signs");

const plain = defineProvider(clerkPort, {
  name: "plain",
  config: {},
  create: (_kit, { guest }) => ({ greet: () => `Hello ${guest}` }),
});
const loud = provide(clerkPort, {
  name: "loud",
  config: { LOUD_MARKS: setting.integer({ default: 1, doc: "How many exclamation marks." }) },
  create: ({ config, service }, { guest }) => ({
    greet: () => `${service}: HELLO ${guest}${"!".repeat(config.LOUD_MARKS)}`,
  }),
});
const port: PortEntry = {
  port: clerkPort,
  setting: "DESK_CLERK",
  doc: "Who greets.",
  default: "plain",
  isNamedOutsideEmbedded: true,
  own: { plain: () => Promise.resolve(plain) },
};

interface Opened {
  greeting?: string;
  signs?: readonly string[];
}

function desk(opened: Opened): AnyService {
  return defineService({
    name: "desk",
    config: {},
    needs: {},
    ports: [port],
    create: async (kit: Kit<{}, {}>) => {
      opened.greeting = (await kit.provider(clerkPort, { guest: "Ada" })).greet();
      opened.signs = kit.added(signs);
      return {};
    },
  }) as AnyService;
}

async function open(environment: Record<string, string>, isEmbedded = true): Promise<Opened> {
  const opened: Opened = {};
  const extensions = [
    defineExtension({ name: "loud", provides: [loud], adds: [add(signs, "Ring the bell")] }),
    defineExtension({
      name: "signs",
      adds: [add(signs, "Mind the step"), add(definePoint("desk.chairs"), 4)],
    }),
  ];
  await testServices([desk(opened)], { environment, extensions, shop: { isEmbedded } });
  return opened;
}

it("a port is answered by the implementation its setting names: of the house, or of an extension with settings of its own", async () => {
  assert.equal((await open({})).greeting, "Hello Ada");
  assert.equal((await open({ DESK_CLERK: "loud", LOUD_MARKS: "3" })).greeting, "desk: HELLO Ada!!!");
});

it("a port that nobody chose, or that nothing answers, is refused with the names there are", async () => {
  await assert.rejects(open({}, false), /DESK_CLERK must be set: .*such as plain\. Who greets\./);
  await assert.rejects(
    open({ DESK_CLERK: "robot" }),
    /DESK_CLERK says robot, which nothing .* There are: plain, loud\./,
  );
});

it("all that extensions add at a point is there, in the order of the shop file, and nothing of other points", async () => {
  assert.deepEqual((await open({})).signs, ["Ring the bell", "Mind the step"]);
});

it("a door that does not list what the service answers is refused", () => {
  const bound = { descriptor: AdService, handlers: new Map() };
  const door = { ...desk({}), contracts: [] };
  assert.throws(
    () => checkContracts(door, { rpc: [bound] }),
    /The desk service answers stoa\.ad\.v1\.AdService/,
  );
  checkContracts({ ...door, contracts: [AdService] }, { rpc: [bound] });
});
