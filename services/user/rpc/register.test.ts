import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { RegisterRequestSchema } from "#gen/stoa/user/v1/user_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { testCall } from "#platform/testing/call.ts";
import { goodPassword, registered, testUserContext } from "../testing/user-context.ts";
import { register } from "./register.ts";

const ctx = await testUserContext();

const wish = (changes: object = {}) =>
  create(RegisterRequestSchema, {
    email: "ada@example.com",
    password: goodPassword,
    firstName: "Ada",
    lastName: "Lovelace",
    ...changes,
  });

test("a new account is a customer's, under its canonical address, and is signed in for 24 hours", async () => {
  const { user, session } = await register(ctx, wish({ email: "Grace@EXAMPLE.com" }), testCall());
  assert.equal(user.email, "grace@example.com");
  assert.equal(user.role, "customer");
  assert.equal(user.firstName, "Ada");
  assert.match(user.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  const hours = (Number(session.expiresAt.seconds) * 1000 - ctx.clock.now().getTime()) / 3_600_000;
  assert.ok(hours > 23.99 && hours <= 24.01);
  assert.ok(session.refreshToken.length >= 43);
});

test("of fifty parallel registrations with one address in several spellings exactly one succeeds", async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) =>
      register(ctx, wish({ email: index % 2 ? "race@example.com" : "Race@Example.COM" }), testCall()),
    ),
  );
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  for (const outcome of outcomes)
    assert.ok(outcome.status === "fulfilled" || isReason(outcome.reason, "EMAIL_TAKEN"));
  assert.deepEqual(
    await ctx.db.rows("select count(*)::int as count from users where email = 'race@example.com'"),
    [{ count: 1 }],
  );
});

test("neither the password nor a refresh token stands in the database", async () => {
  const password = "canary-of-the-coal-mine";
  const { session } = await register(ctx, wish({ email: "canary@example.com", password }), testCall());
  const rows = await ctx.db.rows(
    `select to_jsonb(users)::text as content from users union all select to_jsonb(sessions)::text from sessions
     union all select to_jsonb(refresh_tokens)::text from refresh_tokens`,
  );
  const content = JSON.stringify(rows);
  const hex = Buffer.from(session.refreshToken).toString("hex");
  for (const secret of [password, session.refreshToken, hex, session.token])
    assert.ok(!content.includes(secret));
});

test("an email address, a password or a name that will not do is refused with its path", async () => {
  for (const [changes, path] of [
    [{ email: "nobody" }, "email"],
    [{ email: "" }, "email"],
    [{ password: "short" }, "password"],
    [{ password: "password1" }, "password"],
    [{ password: "ada@example.com" }, "password"],
    [{ firstName: "A\nB" }, "firstName"],
    [{ lastName: "x".repeat(101) }, "lastName"],
  ] as const) {
    await assert.rejects(register(ctx, wish(changes), testCall()), (error) => {
      assert.ok(isReason(error, "VALIDATION_FAILED"));
      assert.equal(error.violations[0]?.path, path);
      return true;
    });
  }
});

test("a taken address is refused as a conflict", async () => {
  const { email } = await registered(ctx);
  await assert.rejects(register(ctx, wish({ email }), testCall()), {
    kind: "conflict",
    reason: "EMAIL_TAKEN",
  });
});
