import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, it } from "node:test";
import { newRandomId } from "#platform/kit/ids.ts";
import { testFolder } from "#platform/testing/certificates.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import { openEventReader, startRabbitMq } from "#platform/testing/rabbitmq.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

/** The reader of docs/operate/events.md, as it is written there. */
function startSample(url: string) {
  const program = new URL("../../docs/samples/event-consumer.mjs", import.meta.url).pathname;
  const EVENTS_STORE = testFolder().path("bookkeeping.db");
  const child = spawn(process.execPath, [program], {
    env: { EVENTS_URL: url, EVENTS_STORE },
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  const said = { text: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.text += chunk.toString()));
  return said;
}

const skip = skipWithout("rabbitmq-server");

const opened = skip === false ? await openAll() : (undefined as never);

async function openAll() {
  const rabbit = await startRabbitMq();
  const shop = await openBackEnd({ environment: { EVENTS_URL: rabbit.url } });
  const reader = await openEventReader(rabbit.url, "stoa.events");
  return { rabbit, shop, reader };
}

it(
  "the shop publishes to RabbitMQ what happens to orders, in its order; while it is away orders are placed as ever, and nothing is missing afterwards",
  { skip },
  async () => {
    const { rabbit, shop, reader } = opened;
    const placeOrder = async () => {
      const items = [{ productId: "6E92ZMYYFZ", quantity: 1 }];
      const request = orderRequest({ userId: newRandomId(), items });
      const { order } = await shop.checkout.placeOrder(request, { timeoutMs: 30_000 });
      return order ?? assert.fail("no order");
    };
    const topicsOf = (orderId: string) =>
      reader
        .events()
        .filter(({ subject }) => subject === orderId)
        .map(({ type }) => type);
    const first = await placeOrder();
    const said = startSample(rabbit.url);
    await eventually("the sample reads", () => said.text.includes("listening"));
    await shop.order.updateStatus({ orderId: first.id, status: "cancelled" });
    await eventually("both are there", () => topicsOf(first.id).length >= 2);
    assert.deepEqual(topicsOf(first.id), ["order.placed.v1", "order.cancelled.v1"]);
    await eventually("so has the sample", () => said.text.includes(`new order.cancelled.v1 ${first.id}`));
    await rabbit.kill();
    const second = await placeOrder();
    await eventually("it is mailed", async () => {
      const mails = await shop.database("email").rows("select 1 from mails where order_id = $1", [second.id]);
      return mails.length === 1;
    });
    await rabbit.start();
    await eventually("its event is there", () => topicsOf(second.id).includes("order.placed.v1"));
    await eventually("and with the sample", () => said.text.includes(`new order.placed.v1 ${second.id}`));
    await shop.mustBeSound();
  },
);
