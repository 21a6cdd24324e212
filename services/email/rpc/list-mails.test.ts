import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ListMailsRequestSchema } from "#gen/stoa/email/v1/email_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { email } from "../service.ts";
import { insertMail } from "../store.ts";
import { listMails } from "./list-mails.ts";
import { testEmailContext } from "../testing/email-context.ts";

const db = await testDatabase(email);
const ctx = testEmailContext(db);
const admin = testCall({ userId: newId(), role: "admin" });
const list = async (request: MessageInitShape<typeof ListMailsRequestSchema>, call = admin) =>
  await listMails(ctx, create(ListMailsRequestSchema, request), call);

const orderIds = Array.from({ length: 5 }, () => newId());
for (const orderId of orderIds) {
  for (const template of ["order-confirmation", "order-shipped"]) {
    const content = { subject: "Subject", html: "<p>body</p>", text: "body" };
    await insertMail(
      db,
      { orderId, template, part: "", recipient: "ada@example.com", ...content },
      "kept",
      null,
    );
  }
}

test("an admin sees all mails, page by page, each once, without bodies", async () => {
  const seen: string[] = [];
  let cursor = "";
  do {
    const page = await list({ limit: 3, cursor });
    assert.equal(page.total, 10n);
    assert.ok(page.mails.length <= 3);
    for (const mail of page.mails) assert.ok(!("html" in mail));
    seen.push(...page.mails.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== "");
  assert.equal(new Set(seen).size, 10);
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => b.localeCompare(a)),
    "newest first",
  );
});

test("the mails of one order can be asked for", async () => {
  const { mails, total, nextCursor } = await list({ orderId: orderIds[2] ?? "" });
  assert.deepEqual([mails.length, total, nextCursor], [2, 2n, ""]);
  assert.deepEqual(new Set(mails.map(({ orderId }) => orderId)), new Set([orderIds[2]]));
  assert.equal((await list({ orderId: "nobody's" })).mails.length, 0);
});

test("without a token, without the role, or with a foreign cursor there is no list", async () => {
  await assert.rejects(list({}, testCall()), (error) => isReason(error, "TOKEN_REQUIRED"));
  await assert.rejects(list({}, testCall({ service: "gateway" })), (error) =>
    isReason(error, "TOKEN_REQUIRED"),
  );
  await assert.rejects(list({}, testCall({ userId: newId() })), (error) => isReason(error, "ADMIN_REQUIRED"));
  for (const cursor of [
    "nonsense",
    Buffer.from('["1"]').toString("base64url"),
    Buffer.from("[7]").toString("base64url"),
  ])
    await assert.rejects(list({ cursor }), (error) => isReason(error, "VALIDATION_FAILED"));
  await assert.rejects(list({ limit: 101 }), (error) => isReason(error, "VALIDATION_FAILED"));
});
