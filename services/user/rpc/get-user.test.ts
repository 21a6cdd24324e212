import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { GetProfileRequestSchema, GetUserRequestSchema } from "#gen/stoa/user/v1/user_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { registered, testUserContext } from "../testing/user-context.ts";
import { getProfile } from "./get-profile.ts";
import { getUser } from "./get-user.ts";

const ctx = await testUserContext();

const get = (userId: string, call = testCall({ service: "checkout" })) =>
  getUser(ctx, create(GetUserRequestSchema, { userId }), call);

test("services, admins and the person itself see an account", async () => {
  const { user } = await registered(ctx);
  const admin = testCall({ userId: newId(), role: "admin" });
  for (const call of [testCall({ service: "checkout" }), admin, testCall({ userId: user.id })])
    assert.deepEqual((await get(user.id, call)).user, user);
});

test("for everyone else, and for ids that name nobody, there is no such account", async () => {
  const { user } = await registered(ctx);
  const refused = { kind: "not_found", reason: "USER_NOT_FOUND" };
  await assert.rejects(get(user.id, testCall({ userId: newId() })), refused);
  await assert.rejects(get(user.id, testCall({ userId: newId(), service: "gateway" })), refused);
  for (const userId of ["", "x", "' or 1=1", user.id.toUpperCase(), newId()])
    await assert.rejects(get(userId), refused);
  await assert.rejects(get(user.id, testCall()), { reason: "TOKEN_REQUIRED" });
});

test("a profile is the caller's own account", async () => {
  const { user } = await registered(ctx);
  const { user: profile } = await getProfile(
    ctx,
    create(GetProfileRequestSchema),
    testCall({ userId: user.id }),
  );
  assert.deepEqual(profile, user);
});

test("a guest's profile says that it is a guest's", async () => {
  const userId = newId();
  const call = testCall({ userId, role: "guest" });
  const { user } = await getProfile(ctx, create(GetProfileRequestSchema), call);
  assert.deepEqual([user.id, user.role], [userId, "guest"]);
});

test("a profile wants a token and an account", async () => {
  await assert.rejects(getProfile(ctx, create(GetProfileRequestSchema), testCall()), {
    reason: "TOKEN_REQUIRED",
  });
  await assert.rejects(getProfile(ctx, create(GetProfileRequestSchema), testCall({ userId: newId() })), {
    reason: "USER_NOT_FOUND",
  });
});
