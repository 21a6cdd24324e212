import assert from "node:assert/strict";
import { it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { GetTrustRequestSchema } from "#gen/stoa/platform/v1/trust_pb.js";
import { applyErasures } from "#platform/activity/erasures.ts";
import { testCall } from "#platform/testing/call.ts";
import { registered, testUserContext } from "../testing/user-context.ts";
import { eraseAgainJob } from "../jobs/erase-again.ts";
import { eraseUser } from "./erase-user.ts";
import { getTrust } from "./get-trust.ts";

const ctx = await testUserContext();
const asService = testCall({ service: "stoa" });

it("an erased account is gone with its sessions, and its tokens are refused from then on", async () => {
  const { email, user } = await registered(ctx);
  assert.deepEqual(await eraseUser(ctx, { email: email.toUpperCase() }, asService), { hadAccount: true });
  assert.equal(await ctx.db.row("select 1 from users where email = $1", [email]), undefined);
  assert.equal(await ctx.db.row("select 1 from sessions where user_id = $1", [user.id]), undefined);
  const { revokedTokens } = await getTrust(ctx, create(GetTrustRequestSchema), asService);
  assert.equal(revokedTokens.length, 1);
  assert.deepEqual(await eraseUser(ctx, { email }, asService), { hadAccount: false });
});

it("an account that a restore brought back is erased again, and everyone is told again", async () => {
  const { email, user } = await registered(ctx);
  await applyErasures(ctx.db, [{ person: user.id }]);
  const { email: kept } = await registered(ctx);
  await eraseAgainJob(ctx).run(new AbortController().signal);
  const left = await ctx.db.rows<{ email: string }>("select email from users where email = any($1)", [
    [email, kept],
  ]);
  assert.deepEqual(left, [{ email: kept }]);
  assert.equal(await ctx.db.row("select 1 from sessions where user_id = $1", [user.id]), undefined);
});

it("only admins and services may erase, and only what is an address", async () => {
  const { email } = await registered(ctx);
  await assert.rejects(eraseUser(ctx, { email }, testCall()), { reason: "TOKEN_REQUIRED" });
  await assert.rejects(eraseUser(ctx, { email }, testCall({ userId: email })), { reason: "ADMIN_REQUIRED" });
  await assert.rejects(eraseUser(ctx, { email: "nobody" }, asService), { reason: "VALIDATION_FAILED" });
});
