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
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { PasswordForgottenSchema, UserService } from "#gen/stoa/user/v1/user_pb.js";
import { defineService, type AnyService } from "#platform/kit/service.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { email } from "./service.ts";

const token = "what-only-the-mail-says";
/** Gives one account a token. */
const accounts = defineService({
  name: "user",
  config: {},
  needs: {},
  create: () => {
    const expiresAt = timestampFromDate(new Date(Date.now() + 45 * 60_000));
    const makePasswordReset = () => Promise.resolve({ token, email: "ada@example.com", expiresAt });
    return { rpc: [bindRpcs(UserService, undefined, { makePasswordReset } as never)] };
  },
});

test("from the event of a placed order to a mail that the mail server has", async () => {
  const received: string[] = [];
  const letters: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, session, callback) => {
      let letter = "";
      stream.on("data", (part) => (letter += String(part)));
      stream.on("end", () => {
        letters.push(letter.replaceAll("=\r\n", ""));
        received.push(...session.envelope.rcptTo.map(({ address }) => address));
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  const EMAIL_SMTP_URL = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const services = await testServices([accounts as AnyService, email as unknown as AnyService], {
    environment: { EMAIL_SMTP_URL },
    startWork: true,
  });
  const order = { id: newId(), orderNumber: "S-1", email: "ada@example.com" };
  const payloadJson = JSON.stringify(toJson(OrderPlacedSchema, create(OrderPlacedSchema, { order })));
  const event = { id: newId(), topic: "order.placed", aggregateId: order.id, payloadJson };
  const { failures } = await services
    .as(EventInboxService, "email", "order")
    .deliver({ source: "order", events: [event] });
  assert.deepEqual(failures, []);
  await eventually("the mail has arrived", () => received.length > 0);
  assert.deepEqual(received, ["ada@example.com"]);
  assert.match(letters[0] ?? "", new RegExp(`/orders/${order.id}\\?access=`));

  const forgotten = create(PasswordForgottenSchema, { userId: newId() });
  const asked = {
    id: newId(),
    topic: "password.forgotten",
    aggregateId: forgotten.userId,
    payloadJson: JSON.stringify(toJson(PasswordForgottenSchema, forgotten)),
  };
  for (let times = 0; times < 2; times += 1)
    await services.as(EventInboxService, "email", "user").deliver({ source: "user", events: [asked] });
  await eventually("the mail with the token has arrived", () => received.length > 1);
  assert.match(letters[1] ?? "", /account\/reset\?token=(3D)?what-only-the-mail-says/);
  const db = services.services.find(({ name }) => name === "email")?.db;
  await eventually("the mail is noted as sent", async () => {
    const rows = await db?.rows<{ html: string; text: string; status: string }>(
      "select html, text, status from mails where template = 'password-reset'",
    );
    const [mail] = rows ?? [];
    return mail?.status === "sent" && !`${mail.html}${mail.text}`.includes(token);
  });
  const told = await db?.rows("select 1 from tasks where payload::text like '%what-only%'");
  assert.deepEqual([received.length, told], [2, []]);
});
