import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { CreateGuestRequestSchema } from "#gen/stoa/user/v1/user_pb.js";
import { guestIdOfSession } from "#platform/auth/guest.ts";
import { testCall } from "#platform/testing/call.ts";
import { testUserContext } from "../testing/user-context.ts";
import { createGuest } from "./create-guest.ts";

const ctx = await testUserContext();

const attempt = (sessionKey: string, call = testCall()) =>
  createGuest(ctx, create(CreateGuestRequestSchema, { sessionKey }), call);

test("everyone can become a new guest with an id nobody can guess and a token of seven days", async () => {
  const guests = [await attempt(""), await attempt("")];
  assert.notEqual(guests[0]?.userId, guests[1]?.userId);
  for (const { userId, session } of guests) {
    assert.match(userId, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    const days = (Number(session.expiresAt.seconds) * 1000 - ctx.clock.now().getTime()) / 86_400_000;
    assert.ok(days > 6.99 && days <= 7.01);
    assert.equal(session.refreshToken, "");
  }
});

test("the same session key names the same guest, in an id space of its own", async () => {
  const service = testCall({ service: "storefront" });
  const { userId } = await attempt("a shop session", service);
  assert.equal(userId, (await attempt("a shop session", service)).userId);
  assert.equal(userId, guestIdOfSession("a shop session"));
  assert.match(userId, /^[0-9a-f]{8}-[0-9a-f]{4}-5/);
});

test("a guest's own token is renewed: the same guest for another seven days; other tokens make a new one", async () => {
  const { userId } = await attempt("");
  const renewed = await attempt("", testCall({ userId, role: "guest" }));
  assert.equal(renewed.userId, userId);
  const days = (Number(renewed.session.expiresAt.seconds) * 1000 - ctx.clock.now().getTime()) / 86_400_000;
  assert.ok(days > 6.99 && days <= 7.01);
  const made = await attempt("", testCall({ userId, role: "customer" }));
  assert.notEqual(made.userId, userId);
});

test("only services may choose a session key, of at most 128 bytes", async () => {
  await assert.rejects(attempt("a shop session"), { reason: "SERVICE_REQUIRED" });
  await assert.rejects(attempt("ü".repeat(65), testCall({ service: "storefront" })), {
    reason: "VALIDATION_FAILED",
  });
  await attempt("ü".repeat(64), testCall({ service: "storefront" }));
});
