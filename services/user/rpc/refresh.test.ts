import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { RefreshRequestSchema } from "#gen/stoa/user/v1/user_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { registered, testUserContext } from "../testing/user-context.ts";
import { refresh } from "./refresh.ts";

const clock = new TestClock();
const ctx = await testUserContext(clock);

const attempt = (refreshToken: string) => refresh(ctx, create(RefreshRequestSchema, { refreshToken }));
const refused = { kind: "unauthenticated", reason: "REFRESH_TOKEN_INVALID" };

test("a refresh token gives the next pair, again and again", async () => {
  const { session, user } = await registered(ctx);
  let { refreshToken } = session;
  for (let round = 0; round < 5; round += 1) {
    clock.advance(20 * 24 * 3_600_000);
    const next = await attempt(refreshToken);
    assert.equal(next.user.id, user.id);
    assert.notEqual(next.session.refreshToken, refreshToken);
    assert.notEqual(next.session.token, session.token);
    ({ refreshToken } = next.session);
  }
});

test("a refresh token used twice revokes its family: also the pair that the first use gave", async () => {
  const { session } = await registered(ctx);
  const next = await attempt(session.refreshToken);
  await assert.rejects(attempt(session.refreshToken), refused);
  await assert.rejects(attempt(next.session.refreshToken), refused);
  const tokenIds = [session.token, next.session.token].map(idOf);
  const revoked = await ctx.db.rows("select token_id from revoked_tokens where token_id = any($1)", [
    tokenIds,
  ]);
  assert.equal(revoked.length, 2);
});

test("of parallel uses of one refresh token at most one succeeds, and afterwards the family is dead", async () => {
  for (let round = 0; round < 25; round += 1) {
    const { session } = await registered(ctx);
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => attempt(session.refreshToken)));
    const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    assert.equal(won.length, 1);
    for (const outcome of outcomes)
      assert.ok(outcome.status === "fulfilled" || isReason(outcome.reason, "REFRESH_TOKEN_INVALID"));
    await assert.rejects(attempt(won[0]?.session.refreshToken ?? ""), refused);
  }
});

test("another sign-in of the same account is a family of its own", async () => {
  const first = await registered(ctx);
  const second = await registered(ctx);
  await attempt(first.session.refreshToken);
  await assert.rejects(attempt(first.session.refreshToken), refused);
  await attempt(second.session.refreshToken);
});

test("an unknown, empty, long or expired refresh token is refused", async () => {
  const { session } = await registered(ctx);
  clock.advance(30 * 24 * 3_600_000);
  for (const text of ["", "unknown", session.token, "x".repeat(1e6), session.refreshToken])
    await assert.rejects(attempt(text), refused);
});

test("a role that changes or an account that closes ends the session, also when it is done by hand", async () => {
  for (const change of ["role = 'admin'", "disabled_at = now()"]) {
    const { session, user } = await registered(ctx);
    await ctx.db.run(
      `update users set ${change}, created_at = created_at where id = $1 and tokens_not_before is null`,
      [user.id],
    );
    // By the database's own clock, which is behind that of this test.
    await ctx.db.run("update sessions set created_at = now() - interval '1 hour' where user_id = $1", [
      user.id,
    ]);
    await assert.rejects(attempt(session.refreshToken), refused);
  }
});

function idOf(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
    jti: string;
  };
  return claims.jti;
}
