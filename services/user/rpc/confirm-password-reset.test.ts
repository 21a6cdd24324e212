import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { RefreshRequestSchema } from "#gen/stoa/user/v1/user_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { RequestLimit } from "#platform/kit/rate-limit.ts";
import { listToldTopics, makeDue, workOff } from "#platform/testing/tasks.ts";
import { testCall } from "#platform/testing/call.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { hashOfToken } from "../sessions.ts";
import { tellForgottenName, tellForgottenTask } from "../tasks/tell-forgotten.ts";
import { goodPassword, registered, testUserContext } from "../testing/user-context.ts";
import { askPasswordReset } from "./ask-password-reset.ts";
import { confirmPasswordReset } from "./confirm-password-reset.ts";
import { login } from "./login.ts";
import { makePasswordReset } from "./make-password-reset.ts";
import { refresh } from "./refresh.ts";

const clock = new TestClock();
const ctx = await testUserContext(clock, { email: ["password.forgotten", "password.changed"] });
const asEmail = testCall({ service: "email" });
const newPassword = "a quite different owl";
const hourMs = 3_600_000;

async function tokenFor(userId: string): Promise<string> {
  const answer = await makePasswordReset(
    ctx,
    { $typeName: "stoa.user.v1.MakePasswordResetRequest", userId },
    asEmail,
  );
  return "token" in answer ? answer.token : "";
}

async function confirm(token: string, password = newPassword) {
  const request = { $typeName: "stoa.user.v1.ConfirmPasswordResetRequest", token, password } as const;
  return await confirmPasswordReset(ctx, request, testCall());
}

async function signIn(email: string, password: string) {
  return await login(ctx, { $typeName: "stoa.user.v1.LoginRequest", email, password }, testCall());
}

async function ask(email: string, call = testCall(), context = ctx) {
  return await askPasswordReset(context, { $typeName: "stoa.user.v1.AskPasswordResetRequest", email }, call);
}

test("a token changes the password once, ends every session, and is kept as a hash only", async () => {
  const { user, session, email } = await registered(ctx);
  const token = await tokenFor(user.id);
  const rows = await ctx.db.rows<{ tokenHash: Buffer }>(
    `select token_hash as "tokenHash" from password_resets where user_id = $1`,
    [user.id],
  );
  assert.deepEqual(rows, [{ tokenHash: hashOfToken(token) }]);
  clock.advance(1_000);
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => confirm(token)));
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  for (const result of results)
    if (result.status === "rejected") assert.ok(isReason(result.reason, "RESET_TOKEN_INVALID"));
  await assert.rejects(signIn(email, goodPassword), { reason: "CREDENTIALS_INVALID" });
  assert.equal((await signIn(email, newPassword)).user.id, user.id);
  const { refreshToken } = session;
  await assert.rejects(refresh(ctx, create(RefreshRequestSchema, { refreshToken }), testCall()), {
    reason: "REFRESH_TOKEN_INVALID",
  });
  assert.deepEqual(await listToldTopics(ctx.db, "email", user.id), ["password.changed"]);
});

test("a password that will not do leaves the token good; one that has expired, or is another's, does nothing", async () => {
  const { user, email } = await registered(ctx);
  const [token, other] = [await tokenFor(user.id), await tokenFor(user.id)];
  await assert.rejects(confirm(token, "short"), { reason: "VALIDATION_FAILED" });
  for (const wrong of ["", "x", `${token}x`, "x".repeat(5_000)])
    await assert.rejects(confirm(wrong), { reason: "RESET_TOKEN_INVALID" });
  clock.advance(45 * 60_000 + 1);
  await assert.rejects(confirm(token), { reason: "RESET_TOKEN_INVALID" });
  clock.advance(hourMs);
  const fresh = await tokenFor(user.id);
  await confirm(fresh);
  await assert.rejects(confirm(other), { reason: "RESET_TOKEN_INVALID" });
  assert.equal((await signIn(email, newPassword)).user.id, user.id);
});

test("an account gets three an hour, a closed one none; nobody but the writer of mails is given any", async () => {
  const { user } = await registered(ctx);
  const tokens = [];
  for (let times = 0; times < 4; times += 1) tokens.push(await tokenFor(user.id));
  assert.deepEqual(
    tokens.map((token) => token !== ""),
    [true, true, true, false],
  );
  await ctx.db.run("update users set disabled_at = now() where id = $1", [user.id]);
  await assert.rejects(confirm(tokens[0] ?? ""), { reason: "RESET_TOKEN_INVALID" });
  clock.advance(hourMs + 1);
  assert.equal(await tokenFor(user.id), "");
  for (const call of [
    testCall(),
    testCall({ service: "gateway" }),
    testCall({ userId: user.id, role: "admin" }),
  ])
    await assert.rejects(
      makePasswordReset(ctx, { $typeName: "stoa.user.v1.MakePasswordResetRequest", userId: user.id }, call),
      { reason: "SERVICE_REQUIRED" },
    );
});

test("asking does the same for every address: one task, and an event only for an account that is open", async () => {
  const { user, email } = await registered(ctx);
  const closed = await registered(ctx);
  await ctx.db.run("update users set disabled_at = now() where id = $1", [closed.user.id]);
  for (const address of [email, "nobody@example.com", closed.email]) assert.deepEqual(await ask(address), {});
  const count = async () =>
    await ctx.db.rows("select 1 from tasks where name = $1 and done_at is null", [tellForgottenName]);
  assert.equal((await count()).length, 3);
  await makeDue(ctx.db, tellForgottenName);
  await workOff(ctx.db, [tellForgottenTask(ctx)]);
  assert.deepEqual(await listToldTopics(ctx.db, "email", user.id), ["password.forgotten"]);
  assert.deepEqual(await listToldTopics(ctx.db, "email", closed.user.id), []);
  await assert.rejects(ask("nobody"), { reason: "VALIDATION_FAILED" });
});

test("an address that asks too often is told so, whatever it asks for", async () => {
  const limited = { ...ctx, resetAsks: new RequestLimit(clock, 2) };
  const call = testCall({ clientAddress: "198.51.100.7" });
  await ask("one@example.com", call, limited);
  await ask("two@example.com", call, limited);
  await assert.rejects(ask("three@example.com", call, limited), { reason: "RATE_LIMITED" });
  await ask("three@example.com", testCall({ clientAddress: "198.51.100.8" }), limited);
});
