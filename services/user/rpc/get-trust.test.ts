import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { GetTrustRequestSchema } from "#gen/stoa/platform/v1/trust_pb.js";
import { LogoutRequestSchema, RefreshRequestSchema } from "#gen/stoa/user/v1/user_pb.js";
import { guestKeyOf } from "#platform/auth/guest-key.ts";
import { testCall } from "#platform/testing/call.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { createAdmin } from "../accounts.ts";
import { deleteExpiredJob } from "../jobs/delete-expired.ts";
import { registered, testUserContext } from "../testing/user-context.ts";
import { getTrust } from "./get-trust.ts";
import { logout } from "./logout.ts";
import { refresh } from "./refresh.ts";

const actor = { kind: "command", id: "test" } as const;
const dayMs = 24 * 3_600_000;
const clock = new TestClock();
const ctx = await testUserContext(clock);

const ask = (call = testCall({ service: "cart" })) => getTrust(ctx, create(GetTrustRequestSchema), call);

test("only public halves of keys leave the service", async () => {
  const { jwksJson } = await ask();
  const { keys } = JSON.parse(jwksJson) as { keys: Record<string, string>[] };
  assert.equal(keys.length, 2);
  for (const key of keys) assert.deepEqual(Object.keys(key).sort(), ["alg", "crv", "kid", "kty", "use", "x"]);
  assert.equal(keys[1]?.["kid"], guestKeyOf(ctx.shop.serviceKey).kid);
});

test("services only are told whom to believe", async () => {
  await assert.rejects(ask(testCall()), { reason: "SERVICE_REQUIRED" });
  await assert.rejects(ask(testCall({ userId: "x", role: "admin" })), { reason: "SERVICE_REQUIRED" });
});

test("while the table of revoked tokens is locked, all who ask share one connection, and sign-ins go on", async () => {
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = ctx.db.inTransaction(async (tx) => {
    await tx.run("lock table revoked_tokens in access exclusive mode");
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  const asking = Array.from({ length: 50 }, () => ask());
  const { user, session } = await registered(ctx);
  const { refreshToken } = session;
  const renewed = await refresh(ctx, create(RefreshRequestSchema, { refreshToken }), testCall());
  assert.equal(renewed.user.id, user.id);
  held.resolve();
  await holding;
  await Promise.all(asking);
});

test("a revoked token is told until it has expired by itself, then it is forgotten", async () => {
  const { user } = await registered(ctx);
  const call = testCall({ userId: user.id });
  assert.ok(call.actor.kind === "user");
  const token = { ...call.actor.token, expiresAtMs: clock.now().getTime() + dayMs };
  await logout(ctx, create(LogoutRequestSchema), { ...call, actor: { ...call.actor, token } });
  assert.ok((await ask()).revokedTokens.some(({ tokenId }) => tokenId === token.id));
  clock.advance(dayMs);
  assert.deepEqual((await ask()).revokedTokens, []);
  await deleteExpiredJob(ctx).run(new AbortController().signal);
  assert.deepEqual(await ctx.db.rows("select 1 from revoked_tokens"), []);
});

test("an account that becomes an admin's has a cut-off at that moment, until its older tokens have expired", async () => {
  const { user, email } = await registered(ctx);
  clock.advance(1000);
  await createAdmin(ctx, { email, password: "seven-quiet-herons", mayReset: true, actor });
  const cutoff = (await ask()).cutoffs.find(({ userId }) => userId === user.id);
  assert.equal(cutoff && timestampMs(cutoff.notBefore), clock.now().getTime());
  clock.advance(7 * dayMs);
  assert.deepEqual((await ask()).cutoffs, []);
});

test("expired sessions are deleted with their tokens, others are kept", async () => {
  await ctx.db.run("delete from sessions");
  await registered(ctx);
  clock.advance(29 * dayMs);
  const { user } = await registered(ctx);
  clock.advance(2 * dayMs);
  await deleteExpiredJob(ctx).run(new AbortController().signal);
  assert.deepEqual(await ctx.db.rows(`select user_id as "userId" from sessions`), [{ userId: user.id }]);
  assert.deepEqual(await ctx.db.rows("select count(*)::int as count from refresh_tokens"), [{ count: 1 }]);
});
