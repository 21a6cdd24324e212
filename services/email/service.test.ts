import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { create, toJson } from "@bufbuild/protobuf";
import { SMTPServer } from "smtp-server";
import { OrderPlacedSchema } from "#gen/stoa/order/v1/order_pb.js";
import { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { testServices } from "#platform/testing/services.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { email } from "./service.ts";

test("from the event of a placed order to a mail that the mail server has", async () => {
  const received: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, session, callback) => {
      stream.resume();
      stream.on("end", () => {
        received.push(...session.envelope.rcptTo.map(({ address }) => address));
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  const EMAIL_SMTP_URL = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const services = await testServices([email], { environment: { EMAIL_SMTP_URL }, startWork: true });
  const order = { id: newId(), orderNumber: "S-1", email: "ada@example.com" };
  const payloadJson = JSON.stringify(toJson(OrderPlacedSchema, create(OrderPlacedSchema, { order })));
  const event = { id: newId(), topic: "order.placed", aggregateId: order.id, payloadJson };
  const { failures } = await services
    .as(EventInboxService, "email", "order")
    .deliver({ source: "order", events: [event] });
  assert.deepEqual(failures, []);
  await eventually("the mail has arrived", () => received.length > 0);
  assert.deepEqual(received, ["ada@example.com"]);
});
