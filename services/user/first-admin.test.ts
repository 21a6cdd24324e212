import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { LoginRequestSchema } from "#gen/stoa/user/v1/user_pb.js";
import { ConfigError, readConfig } from "#platform/kit/config.ts";
import { testCall } from "#platform/testing/call.ts";
import { createAdmin } from "./accounts.ts";
import { UserConfig } from "./config.ts";
import { checkFirstAdmin, seedFirstAdmin } from "./first-admin.ts";
import { login } from "./rpc/login.ts";
import { goodPassword, registered, testUserContext } from "./testing/user-context.ts";

const actor = { kind: "command", id: "test" } as const;
const configOf = (environment: Record<string, string>) => readConfig(UserConfig, environment);
const signIn = async (ctx: Awaited<ReturnType<typeof testUserContext>>, email: string, password: string) =>
  (await login(ctx, create(LoginRequestSchema, { email, password }), testCall())).user;

test("the embedded shop makes an admin with a password of its own, once, and tells it once", async () => {
  const ctx = await testUserContext();
  const told = await seedFirstAdmin(ctx, true);
  const again = await seedFirstAdmin(ctx, true);
  assert.deepEqual(
    told.map(({ name }) => name),
    ["admin's email", "password"],
  );
  const [email = "", password = ""] = told.map(({ value }) => value.split(" ")[0]);
  assert.equal((await signIn(ctx, email, password)).role, "admin");
  assert.deepEqual(again, [{ name: "admin's email", value: email }]);
});

test("the admin of the settings is made once, is not told, and keeps a password changed since", async () => {
  const ctx = await testUserContext();
  const settings = { ADMIN_EMAIL: "Boss@Example.com", ADMIN_PASSWORD: goodPassword };
  const seed = async () => await seedFirstAdmin({ ...ctx, config: configOf(settings) }, false);
  const told = await seed();
  assert.equal((await signIn(ctx, "boss@example.com", goodPassword)).role, "admin");
  await createAdmin(ctx, {
    email: "boss@example.com",
    password: "seven-quiet-herons",
    mayReset: true,
    actor,
  });
  const email = { name: "admin's email", value: "boss@example.com" };
  assert.deepEqual(await seed(), [email]);
  await signIn(ctx, "boss@example.com", "seven-quiet-herons");
  assert.deepEqual(told, [email, { name: "password", value: "the one in ADMIN_PASSWORD" }]);
});

test("outside the embedded shop no admin is made up", async () => {
  const ctx = await testUserContext();
  assert.deepEqual(await seedFirstAdmin(ctx, false), []);
  assert.deepEqual(await ctx.db.rows("select 1 from users"), []);
});

test("replicas that start at once make one admin", async () => {
  const ctx = await testUserContext();
  const told = await Promise.all(Array.from({ length: 5 }, () => seedFirstAdmin(ctx, true)));
  assert.equal(told.flat().filter(({ name }) => name === "password").length, 1);
});

test("settings that make an admin anyone can guess are refused outside the embedded shop", () => {
  const email = { ADMIN_EMAIL: "boss@example.com" };
  for (const password of ["changeme123", "redis123", "Password1", "short"])
    assert.throws(
      () => checkFirstAdmin(configOf({ ...email, ADMIN_PASSWORD: password }), false),
      ConfigError,
    );
  for (const settings of [
    email,
    { ADMIN_PASSWORD: goodPassword },
    { ADMIN_EMAIL: "x", ADMIN_PASSWORD: goodPassword },
  ])
    assert.throws(() => checkFirstAdmin(configOf(settings), false), ConfigError);
  checkFirstAdmin(configOf({ ...email, ADMIN_PASSWORD: goodPassword }), false);
  checkFirstAdmin(configOf({ ...email, ADMIN_PASSWORD: "changeme123" }), true);
  checkFirstAdmin(configOf({}), false);
});

test("the password of the settings shows nowhere", () => {
  const config = configOf({ ADMIN_EMAIL: "boss@example.com", ADMIN_PASSWORD: goodPassword });
  assert.ok(!JSON.stringify(config).includes(goodPassword));
});

test("an account becomes an admin's when an admin is made of it, and stays as it is when that was not meant", async () => {
  const ctx = await testUserContext();
  const { email, user } = await registered(ctx);
  const admin = { email: email.toUpperCase(), password: "seven-quiet-herons" };
  assert.deepEqual(await createAdmin(ctx, { ...admin, mayReset: false, actor }), {
    email,
    outcome: "taken",
    userId: user.id,
  });
  assert.equal((await signIn(ctx, email, goodPassword)).role, "customer");
  assert.deepEqual(await createAdmin(ctx, { ...admin, mayReset: true, actor }), {
    email,
    outcome: "promoted",
    userId: user.id,
  });
  const promoted = await signIn(ctx, email, "seven-quiet-herons");
  assert.deepEqual([promoted.id, promoted.role], [user.id, "admin"]);
  await assert.rejects(signIn(ctx, email, goodPassword), { reason: "CREDENTIALS_INVALID" });
});
