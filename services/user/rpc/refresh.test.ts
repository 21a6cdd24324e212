import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { RefreshRequestSchema } from "#gen/stoa/user/v1/user_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { testCall } from "#platform/testing/call.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { registered, testUserContext } from "../testing/user-context.ts";
import { refresh } from "./refresh.ts";

const clock = new TestClock();
const ctx = await testUserContext(clock);

const attempt = (refreshToken: string) =>
  refresh(ctx, create(RefreshRequestSchema, { refreshToken }), testCall());
const forPages = (refreshToken: string, call = testCall({ service: "gateway" })) =>
  refresh(ctx, create(RefreshRequestSchema, { refreshToken, forPages: true }), call);
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

test("replicas that serve pages may renew one session together: 2, 10 and 50 at once all go on", async () => {
  for (const count of [2, 10, 50]) {
    const { session } = await registered(ctx);
    const { refreshToken } = session;
    const all = await Promise.all(Array.from({ length: count }, () => forPages(refreshToken)));
    assert.equal(new Set(all.map(({ session: { token } }) => token)).size, count);
    // Whichever of them the browser keeps.
    for (const { session: kept } of all.slice(0, 3)) await forPages(kept.refreshToken);
  }
});

test("outside callers cannot claim to be pages", async () => {
  const { session } = await registered(ctx);
  await forPages(session.refreshToken);
  await assert.rejects(forPages(session.refreshToken, testCall()), refused);
});

test("pages get another pair for 45 seconds; a token that comes later, or after its successor was used, ends the session", async () => {
  const late = await registered(ctx);
  const first = await forPages(late.session.refreshToken);
  clock.advance(45_000);
  await forPages(late.session.refreshToken);
  clock.advance(1);
  await assert.rejects(forPages(late.session.refreshToken), refused);
  await assert.rejects(forPages(first.session.refreshToken), refused);
  const past = await registered(ctx);
  const second = await forPages(past.session.refreshToken);
  const third = await forPages(second.session.refreshToken);
  await assert.rejects(forPages(past.session.refreshToken), refused);
  await assert.rejects(forPages(third.session.refreshToken), refused);
});

test("a session that was ended gives pages nothing, however lately its token was used", async () => {
  const { session, user } = await registered(ctx);
  await forPages(session.refreshToken);
  await ctx.db.run("update sessions set revoked_at = now() where user_id = $1", [user.id]);
  await assert.rejects(forPages(session.refreshToken), refused);
});

test("nobody gets more than a hundred pairs for one token", async () => {
  const { session } = await registered(ctx);
  for (let count = 0; count < 100; count += 1) await forPages(session.refreshToken);
  await assert.rejects(forPages(session.refreshToken), refused);
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
