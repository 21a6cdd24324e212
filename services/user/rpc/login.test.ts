import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { LoginRequestSchema } from "#gen/stoa/user/v1/user_pb.js";
import { testCall } from "#platform/testing/call.ts";
import { PasswordHasher } from "../password-hasher.ts";
import { goodPassword, registered, testUserContext } from "../testing/user-context.ts";
import { login } from "./login.ts";

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
