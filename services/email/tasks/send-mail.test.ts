import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, beforeEach, test } from "node:test";
import { SMTPServer } from "smtp-server";
import { newId } from "#platform/kit/ids.ts";
import { retryTasks } from "#platform/database/tasks-store.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { makeDue, workOff } from "#platform/testing/tasks.ts";
import { createSmtpSender } from "../sender.ts";
import { email } from "../service.ts";
import { queueMail } from "../queue-mail.ts";
import { queuedMails } from "../store.ts";
import { sendMailName, sendMailTask } from "./send-mail.ts";
import { testEmailContext } from "../testing/email-context.ts";

const db = await testDatabase(email);
const received: { to: string[]; source: string }[] = [];
/** What the server says about the next mails: nothing, or a code. */
let refusal: number | undefined;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onRcptTo: (_, __, callback) => {
    if (refusal === undefined) return callback();
    callback(Object.assign(new Error("Not today."), { responseCode: refusal }));
  },
  onData: (stream, session, callback) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      received.push({ to, source: Buffer.concat(chunks).toString() });
      callback();
    });
  },
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
const from = { name: 'The "Shop"\r\nBcc: eve@example.com', address: "orders@shop.example" };
const sender = createSmtpSender({ url, from });
const ctx = testEmailContext(db, { sender });
const sendMail = sendMailTask(ctx, sender);
ctx.tasks.declare([sendMail]);
const sendMails = async (task = sendMail) => await workOff(db, [task]);

beforeEach(async () => {
  await db.run("truncate mails, tasks");
  received.length = 0;
  refusal = undefined;
});
after(() => {
  sender.close();
  server.close();
});

async function queue(orderId = newId()) {
  const content = {
    subject: "Your order – naïve ✓",
    html: "<p>Thank you, Zoë.</p>",
    text: "Thank you, Zoë.",
  };
  const mail = {
    orderId,
    template: "order-confirmation",
    part: "",
    recipient: "zoe@example.com",
    ...content,
  };
  await db.inTransaction(async (tx) => await queueMail(ctx, tx, {}, { mail, isForeign: false }));
  return orderId;
}

const stateOf = async (orderId: string) =>
  await db.row<{ status: string; attempts: number; lastError: string | null; waits: boolean; id: string }>(
    `select id, status, attempts, last_error as "lastError", (select next_attempt_at > now() + interval '80 seconds' from tasks where key = mails.id::text) as waits
     from mails where order_id = $1`,
    [orderId],
  );
const makeAllDue = async () => {
  await db.run("update mails set next_attempt_at = now()");
  await makeDue(db, sendMailName);
};

test("a queued mail reaches the mail server in both forms, once, and is noted as sent", async () => {
  const orderId = await queue();
  await sendMails();
  await sendMails();
  const state = await stateOf(orderId);
  assert.equal(state?.status, "sent");
  assert.equal(received.length, 1);
  const [mail] = received;
  assert.deepEqual(mail?.to, ["zoe@example.com"]);
  const source = mail?.source ?? "";
  assert.ok(source.includes(`Message-ID: <${state?.id}@shop.example>`));
  assert.match(source, /multipart\/alternative[\s\S]*text\/plain[\s\S]*text\/html/);
  assert.match(source, /^Auto-Submitted: auto-generated/m);
  assert.doesNotMatch(source, /^Bcc:/m, "the shop's name cannot make a header");
});

test("many processes at once send each mail once", async () => {
  for (let count = 0; count < 10; count += 1) await queue();
  await Promise.all(Array.from({ length: 5 }, () => sendMails()));
  assert.equal(received.length, 10);
});

test("a mail the server cannot take now waits and is tried again", async () => {
  const orderId = await queue();
  refusal = 451;
  await sendMails();
  const state = await stateOf(orderId);
  assert.deepEqual([state?.status, state?.attempts, state?.waits], ["queued", 1, true]);
  assert.match(state?.lastError ?? "", /Not today/);
  refusal = undefined;
  await makeAllDue();
  await sendMails();
  assert.equal((await stateOf(orderId))?.status, "sent");
});

test("a mail the server refuses for good is given up and holds up no other", async () => {
  const refused = await queue();
  refusal = 550;
  await sendMails();
  refusal = undefined;
  const other = await queue();
  await sendMails();
  assert.deepEqual([(await stateOf(refused))?.status, (await stateOf(other))?.status], ["failed", "sent"]);
});

test("a mail is given up after ten tries", async () => {
  const orderId = await queue();
  refusal = 451;
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    assert.equal((await stateOf(orderId))?.status, "queued");
    await makeAllDue();
    await sendMails();
  }
  assert.equal((await stateOf(orderId))?.status, "failed");
});

test("a mail server that is away costs a try and nothing else", async () => {
  const orderId = await queue();
  const nobody = createSmtpSender({ url: "smtp://127.0.0.1:1", from });
  await sendMails(sendMailTask(ctx, nobody));
  nobody.close();
  const state = await stateOf(orderId);
  assert.deepEqual([state?.status, state?.attempts], ["queued", 1]);
});

test("a mail that was given up is sent when somebody asks for it", async () => {
  const orderId = await queue();
  refusal = 550;
  await sendMails();
  refusal = undefined;
  assert.equal(await retryTasks(db, { name: sendMailName, key: null }), 1);
  await sendMails();
  assert.equal((await stateOf(orderId))?.status, "sent");
});

test("a mail in the hand of the release before is left to it, and one it has sent is done", async () => {
  const orderId = await queue();
  await db.run("update mails set attempts = 1, next_attempt_at = now() + interval '2 minutes'");
  await sendMails();
  assert.equal(received.length, 0);
  assert.deepEqual([(await stateOf(orderId))?.status, (await stateOf(orderId))?.attempts], ["queued", 1]);
  await db.run("update mails set status = 'sent'");
  await makeDue(db, sendMailName);
  await sendMails();
  assert.equal(received.length, 0);
  const open = await db.rows("select 1 from tasks where done_at is null");
  assert.equal(open.length, 0);
});

test("mails that the release before has queued become ctx.tasks, each once", async () => {
  await queue();
  await db.run("delete from tasks");
  await ctx.tasks.collect(db, sendMailName, queuedMails);
  await ctx.tasks.collect(db, sendMailName, queuedMails);
  await sendMails();
  assert.equal(received.length, 1);
});
