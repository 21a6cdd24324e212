import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { GetTrustRequestSchema } from "#gen/stoa/platform/v1/trust_pb.js";
import {
  LoginRequestSchema,
  RefreshRequestSchema,
  UpdateProfileRequestSchema,
} from "#gen/stoa/user/v1/user_pb.js";
import { keysFromJwks, TokenVerifier } from "#platform/auth/token.ts";
import { isReason } from "#platform/kit/errors.ts";
import { testCall } from "#platform/testing/call.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { goodPassword, registered, testUserContext } from "../testing/user-context.ts";
import { getTrust } from "./get-trust.ts";
import { login } from "./login.ts";
import { refresh } from "./refresh.ts";
import { updateProfile } from "./update-profile.ts";

const ctx = await testUserContext();

type Change = MessageInitShape<typeof UpdateProfileRequestSchema>;
const update = (userId: string, change: Change) =>
  updateProfile(ctx, create(UpdateProfileRequestSchema, change), testCall({ userId }));
const signIn = (email: string, password: string) =>
  login(ctx, create(LoginRequestSchema, { email, password }), testCall());
const newPassword = "seven-quiet-herons";

test("names change without a password, and nothing else does", async () => {
  const { user } = await registered(ctx);
  const answer = await update(user.id, { firstName: " Grace ", lastName: "Hopper" });
  assert.deepEqual(
    [answer.user.firstName, answer.user.lastName, answer.user.email],
    ["Grace", "Hopper", user.email],
  );
  assert.equal("session" in answer, false);
});

test("an empty change changes nothing and is no error", async () => {
  const { user } = await registered(ctx);
  const answer = await update(user.id, {});
  assert.equal(answer.user.firstName, "Ada");
});

test("a new password ends every other session at once and goes on with a new one", async () => {
  const { user, email, session } = await registered(ctx);
  const other = await signIn(email, goodPassword);
  const answer = await update(user.id, { password: newPassword, currentPassword: goodPassword });
  assert.ok("session" in answer && answer.session);
  const verifier = await verifierNow();
  for (const { token, refreshToken } of [session, other.session]) {
    await assert.rejects(verifier.verify(token), { reason: "TOKEN_INVALID" });
    await assert.rejects(refresh(ctx, create(RefreshRequestSchema, { refreshToken }), testCall()), {
      reason: "REFRESH_TOKEN_INVALID",
    });
  }
  assert.equal((await verifier.verify(answer.session.token)).userId, user.id);
  await refresh(ctx, create(RefreshRequestSchema, { refreshToken: answer.session.refreshToken }), testCall());
  await assert.rejects(signIn(email, goodPassword), { reason: "CREDENTIALS_INVALID" });
  await (await verifierNow()).verify((await signIn(email, newPassword)).session.token);
});

test("a new password also ends sessions that began in the same millisecond or by a clock that is ahead", async () => {
  for (const aheadMs of [0, 30_000]) {
    const clock = new TestClock(ctx.clock.now());
    const { user, session } = await registered({
      ...ctx,
      clock: new TestClock(new Date(clock.now().getTime() + aheadMs)),
    });
    const change = create(UpdateProfileRequestSchema, {
      password: newPassword,
      currentPassword: goodPassword,
    });
    const answer = await updateProfile({ ...ctx, clock }, change, testCall({ userId: user.id }));
    const verifier = await verifierNow();
    await assert.rejects(verifier.verify(session.token), { reason: "TOKEN_INVALID" });
    assert.ok("session" in answer && answer.session);
    await verifier.verify(answer.session.token);
  }
});

test("sign-ins that race with a new password leave no session of the old one", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { user, email } = await registered(ctx);
    const [changed, ...sessions] = await Promise.all([
      update(user.id, { password: newPassword, currentPassword: goodPassword }),
      ...Array.from({ length: 3 }, () => signIn(email, goodPassword).catch(() => undefined)),
    ]);
    const verifier = await verifierNow();
    for (const answer of sessions)
      if (answer) await assert.rejects(verifier.verify(answer.session.token), { reason: "TOKEN_INVALID" });
    assert.ok("session" in changed && changed.session);
    await verifier.verify(changed.session.token);
  }
});

test("a new address wants the current password and must be free", async () => {
  const { user } = await registered(ctx);
  const other = await registered(ctx);
  const email = `moved-${user.email}`;
  const answer = await update(user.id, { email: email.toUpperCase(), currentPassword: goodPassword });
  assert.equal(answer.user.email, email);
  await assert.rejects(update(user.id, { email: other.email, currentPassword: goodPassword }), {
    reason: "EMAIL_TAKEN",
  });
});

test("a change of address or password without the current one is refused with its path", async () => {
  const { user } = await registered(ctx);
  for (const change of [{ email: "new@example.com" }, { password: newPassword, currentPassword: "" }])
    await assert.rejects(update(user.id, change), (error) => {
      assert.ok(isReason(error, "VALIDATION_FAILED"));
      assert.equal(error.violations[0]?.path, "currentPassword");
      return true;
    });
});

test("a change with a wrong current password is forbidden and changes nothing", async () => {
  const { user, email } = await registered(ctx);
  const change = { firstName: "Eve", password: newPassword, currentPassword: "wrong-password" };
  await assert.rejects(update(user.id, change), { kind: "forbidden", reason: "CURRENT_PASSWORD_WRONG" });
  const { user: unchanged } = await signIn(email, goodPassword);
  assert.equal(unchanged.firstName, "Ada");
});

test("of two parallel changes of the password with the same current one, one is refused", async () => {
  const { user } = await registered(ctx);
  const outcomes = await Promise.allSettled(
    ["first", "second"].map((word) =>
      update(user.id, { password: `${word}-${newPassword}`, currentPassword: goodPassword }),
    ),
  );
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
});

test("a common password is refused", async () => {
  const { user } = await registered(ctx);
  await assert.rejects(update(user.id, { password: "password1", currentPassword: goodPassword }), {
    reason: "VALIDATION_FAILED",
  });
});

test("a guest has no account to change, and without a token nobody has", async () => {
  const guest = testCall({ userId: "01942b4c-0000-4000-8000-000000000000", role: "guest" });
  const change = create(UpdateProfileRequestSchema, { firstName: "x" });
  await assert.rejects(updateProfile(ctx, change, guest), { reason: "ACCOUNT_REQUIRED" });
  await assert.rejects(updateProfile(ctx, change, testCall()), { reason: "TOKEN_REQUIRED" });
});

/** What every service believes once it has asked for the trust now in force. */
async function verifierNow(): Promise<TokenVerifier> {
  const answer = await getTrust(ctx, create(GetTrustRequestSchema), testCall({ service: "cart" }));
  const trust = {
    keys: keysFromJwks(answer.jwksJson),
    revokedTokenIds: new Set(answer.revokedTokens.map(({ tokenId }) => tokenId)),
    cutoffsMs: new Map(answer.cutoffs.map(({ userId, notBefore }) => [userId, timestampMs(notBefore)])),
  };
  return new TokenVerifier(ctx.clock, () => Promise.resolve(trust));
}
