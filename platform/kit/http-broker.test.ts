import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { it } from "node:test";
import { openEventReceiver, type Conduct } from "#platform/testing/event-receiver.ts";
import { brokerContract } from "./broker.contract.ts";
import { cloudEventText, type PublishedEvent } from "./broker.ts";
import { systemClock } from "./clock.ts";
import { Secret } from "./config.ts";
import { openHttpBroker } from "./http-broker.ts";

const key = "a-key-for-events-that-only-tests-know";
const secret = new Secret(key);
const forever = new AbortController().signal;

async function open(timeoutMs = 1_000, address = (url: string) => url) {
  const receiver = await openEventReceiver();
  const url = new Secret(address(receiver.url));
  return { receiver, broker: openHttpBroker({ url, secret, clock: systemClock, timeoutMs }) };
}

brokerContract("http", async () => {
  const { receiver, broker } = await open();
  const conducts: { [how: string]: Conduct } = { take: 204, refuse: 500, silence: "silent" };
  return {
    broker,
    consumed: () => receiver.taken,
    answer: (how) => void (receiver.conduct = () => conducts[how] ?? 204),
    leave: receiver.leave,
    comeBack: receiver.comeBack,
  };
});

const event = (id: string, subject: string): PublishedEvent => ({
  id,
  source: "/stoa/order",
  type: "order.placed.v1",
  subject,
  time: new Date("2030-01-02T03:04:05Z"),
  traceparent: undefined,
  dataSchema: undefined,
  dataJson: '{"order":{"id":"7"}}',
});

it("an event is a CloudEvents document; what is not known of it is left out", () => {
  assert.deepEqual(JSON.parse(cloudEventText(event("1", "a"))), {
    specversion: "1.0",
    id: "1",
    source: "/stoa/order",
    type: "order.placed.v1",
    subject: "a",
    time: "2030-01-02T03:04:05.000Z",
    datacontenttype: "application/json",
    data: { order: { id: "7" } },
  });
});

it("a request says what it carries, is signed with the secret, and shows the password of the URL to nobody else", async () => {
  const { receiver, broker } = await open(1_000, (url) => url.replace("http://", "http://shop:p%40ss@"));
  await broker.publish([event("1", "a")], forever);
  const [request] = receiver.requests;
  assert.ok(request);
  assert.equal(request.headers["content-type"], "application/cloudevents+json; charset=utf-8");
  assert.equal(request.headers.authorization, `Basic ${Buffer.from("shop:p@ss").toString("base64")}`);
  assert.equal(request.headers.host, new URL(receiver.url).host);
  const [, seconds = "", hash] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers["stoa-signature"])) ?? [];
  assert.ok(Math.abs(Date.now() / 1000 - Number(seconds)) < 60);
  assert.equal(hash, createHmac("sha256", key).update(`${seconds}.${request.body}`).digest("hex"));
});

it("any 2xx takes an event; everything else fails with the reason, and leads nowhere else", async () => {
  const { receiver, broker } = await open();
  const conducts: { [subject: string]: Conduct } = {
    a: 200,
    b: 202,
    c: 204,
    d: 301,
    e: 400,
    f: 503,
    g: "hangs-up",
    h: "takes-and-hangs-up",
  };
  receiver.conduct = ({ subject }) => conducts[subject] ?? 204;
  const ids = Object.keys(conducts);
  const { confirmed, failed } = await broker.publish(
    ids.map((id) => event(id, id)),
    forever,
  );
  assert.deepEqual(confirmed.toSorted(), ["a", "b", "c"]);
  assert.deepEqual(failed.map(({ id }) => id).toSorted(), ["d", "e", "f", "g", "h"]);
  const reasons = new Map(failed.map(({ id, reason }) => [id, reason]));
  assert.equal(reasons.get("d"), "The receiver answered 301.");
  assert.match(reasons.get("g") ?? "", /could not be asked/);
  assert.equal(receiver.requests.length, 8);
});

it("an event that fails holds up the later ones of its subject, and no other subject", async () => {
  const { receiver, broker } = await open(300);
  receiver.conduct = ({ id }) => (id === "a2" ? "silent" : id === "b1" ? 500 : 204);
  const ids = ["a1", "b1", "a2", "c1", "b2", "a3", "c2"];
  const { confirmed, failed } = await broker.publish(
    ids.map((id) => event(id, id.slice(0, 1))),
    forever,
  );
  assert.deepEqual(confirmed.toSorted(), ["a1", "c1", "c2"]);
  assert.deepEqual(failed.map(({ id }) => id).toSorted(), ["a2", "b1"]);
  assert.equal(failed.find(({ id }) => id === "a2")?.reason, "The receiver did not answer in time.");
});

it("a receiver gets no more than eight requests at once, and one that is not there no more than it takes to know it", async () => {
  const { receiver, broker } = await open();
  const events = Array.from({ length: 100 }, (_, index) => event(`${index}`, `${index}`));
  await broker.publish(events, forever);
  assert.ok(receiver.most() <= 8, `${receiver.most()} at once`);
  for (const conduct of [503, "hangs-up"] as const) {
    receiver.conduct = () => conduct;
    receiver.requests.length = 0;
    const { confirmed, failed } = await broker.publish(events, forever);
    assert.deepEqual(confirmed, []);
    assert.ok(failed.length >= 8 && receiver.requests.length < 20, `${receiver.requests.length} requests`);
  }
});
