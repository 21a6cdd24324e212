import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { RetryInfoSchema } from "#gen/google/rpc/error_details_pb.js";
import { LoginRequestSchema, UpdateProfileRequestSchema, UserService } from "#gen/stoa/user/v1/user_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { Dispatcher } from "#platform/rpc/dispatcher.ts";
import { openGrpcServer } from "#platform/rpc/grpc-server.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testCall } from "#platform/testing/call.ts";
import { GuessLimit } from "../guess-limit.ts";
import { PasswordHasher } from "../password-hasher.ts";
import { goodPassword, registered, testUserContext } from "../testing/user-context.ts";
import { login } from "./login.ts";
import { updateProfile } from "./update-profile.ts";

const ctx = await testUserContext();

const attempt = (email: string, password: string, on = ctx) =>
  login(on, create(LoginRequestSchema, { email, password }), testCall());

test("the right password signs in, whatever the case of the address", async () => {
  const { user, email } = await registered(ctx);
  const answer = await attempt(email.toUpperCase(), goodPassword);
  assert.equal(answer.user.id, user.id);
  assert.notEqual(answer.session.refreshToken, "");
});

test("an unknown address, a wrong password and a closed account are refused in the same words", async () => {
  const open = await registered(ctx);
  const closed = await registered(ctx);
  await ctx.db.run("update users set disabled_at = now() where id = $1", [closed.user.id]);
  const refusals = await Promise.all(
    [
      attempt(open.email, "wrong-password"),
      attempt(open.email, ""),
      attempt(open.email, goodPassword.repeat(50)),
      attempt("unknown@example.com", goodPassword),
      attempt("no address", goodPassword),
      attempt("", ""),
      attempt(closed.email, goodPassword),
    ].map((outcome) =>
      outcome.then(
        () => assert.fail("somebody was let in"),
        (error: unknown) => error,
      ),
    ),
  );
  for (const refusal of refusals) {
    assert.deepEqual({ ...(refusal as object) }, { ...(refusals[0] as object) });
    assert.equal(
      (refusal as Error).message,
      "CREDENTIALS_INVALID: The email address or the password is wrong.",
    );
  }
});

test("every refusal costs one hash, known address or not", async () => {
  let hashes = 0;
  class CountingHasher extends PasswordHasher {
    override async isMatch(...args: Parameters<PasswordHasher["isMatch"]>) {
      hashes += 1;
      return await super.isMatch(...args);
    }
  }
  const counted = { ...ctx, hasher: new CountingHasher({ cost: 4, parallelMax: 2, queueMax: 9 }) };
  const { email } = await registered(ctx);
  for (const address of [email, "unknown@example.com", "no address"])
    await assert.rejects(attempt(address, "wrong-password", counted), { reason: "CREDENTIALS_INVALID" });
  assert.equal(hashes, 3);
});

test("signing in brings an old hash up to the cost of today and ends no session", async () => {
  const { email, user } = await registered(ctx);
  const costlier = { ...ctx, hasher: new PasswordHasher({ cost: 5, parallelMax: 2, queueMax: 9 }) };
  await attempt(email, goodPassword, costlier);
  const row = await ctx.db.row<{ hash: string; cutoff: Date | null }>(
    "select password_hash as hash, tokens_not_before as cutoff from users where id = $1",
    [user.id],
  );
  assert.match(row?.hash ?? "", /^\$2b\$05\$/);
  assert.equal(row?.cutoff, null);
  await attempt(email, goodPassword);
});

test("a password that changes while it is checked signs nobody in", async () => {
  const { email, user } = await registered(ctx);
  class SlowHasher extends PasswordHasher {
    override async isMatch(...args: Parameters<PasswordHasher["isMatch"]>) {
      const isRight = await super.isMatch(...args);
      await ctx.db.run("update users set password_hash = 'changed' where id = $1", [user.id]);
      return isRight;
    }
    override isOutdated() {
      return false;
    }
  }
  const slow = { ...ctx, hasher: new SlowHasher({ cost: 4, parallelMax: 1, queueMax: 9 }) };
  await assert.rejects(attempt(email, goodPassword, slow), { reason: "CREDENTIALS_INVALID" });
});

test("over gRPC and on the profile guesses count together, with the address that asks; the owner elsewhere gets in", async () => {
  const guesses = new GuessLimit(systemClock, { perMinuteMax: 30, perHourMax: 20 });
  const limited = { ...ctx, guesses };
  const { email, user } = await registered(ctx);
  const bound = bindRpcs(UserService, limited, { ...noRpcs, login, updateProfile });
  const verifier = new TokenVerifier(systemClock, () => Promise.reject(new Error("No token is expected.")));
  const dispatcher = new Dispatcher({ service: "user", clock: systemClock, log: silentLog, verifier });
  const serviceKey = "a-key-that-only-tests-know-0123456789";
  const services = [{ bound, dispatcher }];
  const server = await openGrpcServer({
    host: "127.0.0.1",
    port: 0,
    serviceKey,
    services,
    clock: systemClock,
  });
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.port}` });
  const users = createClient(UserService, transport);
  const codes = await Promise.all(
    Array.from({ length: 15 }, () => users.login({ email, password: "no idea" }).then(() => 0, codeOf)),
  );
  assert.deepEqual(new Set(codes), new Set([Code.Unauthenticated]));

  const change = (clientAddress: string) =>
    updateProfile(
      limited,
      create(UpdateProfileRequestSchema, { password: "seven-quiet-herons", currentPassword: "no idea" }),
      testCall({ userId: user.id, clientAddress }),
    );
  for (let count = 0; count < 5; count += 1)
    await assert.rejects(change("127.0.0.1"), /CURRENT_PASSWORD_WRONG/);
  await assert.rejects(change("127.0.0.1"), /RATE_LIMITED/);
  const late = await users.login({ email, password: goodPassword }).then(
    () => undefined,
    (error: unknown) => ConnectError.from(error),
  );
  assert.equal(late?.code, Code.ResourceExhausted);
  assert.ok(late.findDetails(RetryInfoSchema)[0]?.retryDelay, "it says when to come back");
  await server.close(0);

  await assert.rejects(change("203.0.113.5"), /CURRENT_PASSWORD_WRONG/);
  const request = create(LoginRequestSchema, { email, password: goodPassword });
  assert.equal((await login(limited, request, testCall({ clientAddress: "203.0.113.5" }))).user.id, user.id);
});

const codeOf = (error: unknown) => ConnectError.from(error).code;
const none = () => Promise.resolve({});
const noRpcs = {
  register: none,
  createGuest: none,
  refresh: none,
  logout: none,
  getProfile: none,
  getUser: none,
  eraseUser: none,
  askPasswordReset: none,
  makePasswordReset: none,
  confirmPasswordReset: none,
  recordDenial: none,
};
