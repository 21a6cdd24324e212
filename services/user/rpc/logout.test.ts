import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { LogoutRequestSchema, RefreshRequestSchema, UserService } from "#gen/stoa/user/v1/user_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { isKind } from "#platform/kit/errors.ts";
import { testCall } from "#platform/testing/call.ts";
import { testServices } from "#platform/testing/services.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { user } from "../service.ts";
import { registered, testUserContext } from "../testing/user-context.ts";
import { logout } from "./logout.ts";
import { refresh } from "./refresh.ts";

const shop = await testServices([user]);

const gateway = () => shop.as(UserService, "user", "gateway");
const newAccount = (email: string) =>
  gateway().register({ email, password: "tr4in-of-owls", firstName: "Ada", lastName: "Lovelace" });

test("after logout the token is refused within five seconds, and so is its refresh token", async () => {
  const { session } = await newAccount("leaver@example.com");
  const token = session?.token;
  await gateway().getProfile({}, { token });
  await gateway().logout({}, { token });
  const startedMs = systemClock.monotonicMs();
  await eventually("the token is refused", () =>
    gateway()
      .getProfile({}, { token })
      .then(
        () => false,
        (error: unknown) => isKind(error, "unauthenticated"),
      ),
  );
  assert.ok(systemClock.monotonicMs() - startedMs < 5_000);
  await assert.rejects(gateway().refresh({ refreshToken: session?.refreshToken ?? "" }), {
    reason: "REFRESH_TOKEN_INVALID",
  });
});

test("a guest can log out", async () => {
  const { session } = await gateway().createGuest({});
  const token = session?.token;
  await gateway().logout({}, { token });
  await eventually("the token is refused", () =>
    gateway()
      .getProfile({}, { token })
      .then(
        () => false,
        (error: unknown) => isKind(error, "unauthenticated"),
      ),
  );
});

test("logout revokes every token of the session, also those from before the last refresh, and no other session", async () => {
  const ctx = await testUserContext();
  const [mine, other] = [await registered(ctx), await registered(ctx)];
  const renew = (refreshToken: string) =>
    refresh(ctx, create(RefreshRequestSchema, { refreshToken }), testCall());
  await renew(mine.session.refreshToken);
  const first = await ctx.db.row<{ id: string; userId: string }>(
    `select access_token_id as id, user_id as "userId" from refresh_tokens join sessions on sessions.id = session_id
     where user_id = $1 order by issued_at limit 1`,
    [mine.user.id],
  );
  const call = testCall({ userId: mine.user.id });
  assert.ok(call.actor.kind === "user" && first);
  const token = { ...call.actor.token, id: first.id };
  await logout(ctx, create(LogoutRequestSchema), { ...call, actor: { ...call.actor, token } });
  assert.deepEqual(await ctx.db.rows("select count(*)::int as count from revoked_tokens"), [{ count: 2 }]);
  await renew(other.session.refreshToken);
});

test("logout without a token is refused", async () => {
  await assert.rejects(gateway().logout({}), { reason: "TOKEN_REQUIRED" });
});
