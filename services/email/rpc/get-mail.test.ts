import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { GetMailRequestSchema } from "#gen/stoa/email/v1/email_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { email } from "../service.ts";
import { insertMail, listMailRows } from "../store.ts";
import { getMail } from "./get-mail.ts";
import { testEmailContext } from "../testing/email-context.ts";

const db = await testDatabase(email);
const ctx = testEmailContext(db);
const admin = testCall({ userId: newId(), role: "admin" });
const get = async (id: string, call = admin) =>
  await getMail(ctx, create(GetMailRequestSchema, { id }), call);

test("an admin reads a kept mail whole", async () => {
  const content = { subject: "Your order", html: "<p>Thank you</p>", text: "Thank you" };
  const mail = {
    orderId: newId(),
    template: "order-confirmation",
    part: "",
    recipient: "ada@example.com",
    ...content,
  };
  await insertMail(db, mail, "kept", null);
  const [row] = await listMailRows(db, mail.orderId, null, 1);
  const { mail: found } = await get(row?.id ?? "");
  assert.deepEqual(
    [found.orderId, found.status, found.recipient, found.subject, found.html, found.text],
    [mail.orderId, "kept", mail.recipient, content.subject, content.html, content.text],
  );
});

test("customers and callers without a token read no mail", async () => {
  await assert.rejects(get(newId(), testCall()), (error) => isReason(error, "TOKEN_REQUIRED"));
  await assert.rejects(get(newId(), testCall({ userId: newId() })), (error) =>
    isReason(error, "ADMIN_REQUIRED"),
  );
});

test("an unknown id, and a text that is none, is MAIL_NOT_FOUND", async () => {
  for (const id of [newId(), "", "1' or '1'='1"])
    await assert.rejects(get(id), (error) => isReason(error, "MAIL_NOT_FOUND") && error.kind === "not_found");
});
