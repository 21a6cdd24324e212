import type { UpdateProfileRequest } from "#gen/stoa/user/v1/user_pb.js";
import { recordActivity } from "#platform/activity/activity.ts";
import { requireUser } from "#platform/auth/guards.ts";
import type { Tx } from "#platform/database/db.ts";
import { invalid, isReason } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { endSessions, saveUser } from "../accounts.ts";
import type { UserContext } from "../context.ts";
import { parseEmail } from "../email.ts";
import { refusal } from "../errors.ts";
import { parseNewPassword } from "../password.ts";
import { tellPasswordChanged } from "../password-change.ts";
import { deletePasswordResets } from "../password-reset-store.ts";
import { openSession } from "../sessions.ts";
import { findUser, lockUser } from "../store.ts";
import { parseName, userMessage, type UserRow } from "../user.ts";

export async function updateProfile(ctx: UserContext, request: UpdateProfileRequest, call: Call) {
  const { userId, role } = requireUser(call);
  if (role === "guest") throw refusal("ACCOUNT_REQUIRED");
  const before = await findUser(ctx.db, userId);
  if (!before) throw refusal("USER_NOT_FOUND");
  const change = parseChange(ctx, request, before);
  const isSensitive = change.newPassword !== undefined || change.fields.email !== undefined;
  if (isSensitive) await checkCurrentPassword(ctx, request, before, call);
  const passwordHash =
    change.newPassword === undefined ? undefined : await ctx.hasher.hash(change.newPassword, call.scope);

  return await ctx.db.inTransaction(async (tx) => {
    const locked = await lockUser(tx, userId);
    if (!locked) throw refusal("USER_NOT_FOUND");
    // Somebody else was faster and changed the password that was checked.
    if (isSensitive && locked.passwordHash !== before.passwordHash) throw refusal("CURRENT_PASSWORD_WRONG");
    const user = { ...locked, ...change.fields, updatedAt: ctx.clock.now() };
    await recordSensitive(
      tx,
      { before: locked, after: user, isNewPassword: passwordHash !== undefined },
      call,
    );
    if (passwordHash === undefined) {
      await saveUser(tx, user);
      return { user: userMessage(user) };
    }
    const renewed = await endSessions(ctx, tx, { ...user, passwordHash });
    await deletePasswordResets(tx, user.id);
    await tellPasswordChanged(ctx, tx, call, renewed);
    return { user: userMessage(renewed), session: await openSession(ctx, tx, renewed) };
  });
}

/** A new address or a new password, of whomever; names are nobody's business. */
async function recordSensitive(
  tx: Tx,
  { before, after, isNewPassword }: { before: UserRow; after: UserRow; isNewPassword: boolean },
  call: Call,
): Promise<void> {
  const { id, role } = after;
  const entry = { subject: { kind: "user", id }, about: id, after: { role }, call };
  if (isNewPassword) await recordActivity(tx, { ...entry, action: "user.password.change" });
  if (before.email === after.email) return;
  const personal = { "before.email": before.email, "after.email": after.email };
  await recordActivity(tx, { ...entry, action: "user.email.change", personal });
}

/** What is to be different. An address that stays the same is no change. */
function parseChange(ctx: UserContext, request: UpdateProfileRequest, before: UserRow) {
  const email = request.email === undefined ? before.email : parseEmail(request.email);
  return {
    fields: {
      ...(request.firstName === undefined ? {} : { firstName: parseName(request.firstName, "firstName") }),
      ...(request.lastName === undefined ? {} : { lastName: parseName(request.lastName, "lastName") }),
      ...(email === before.email ? {} : { email }),
    },
    newPassword:
      request.password === undefined ? undefined : parseNewPassword(request.password, email, ctx.shop.name),
  };
}

async function checkCurrentPassword(
  ctx: UserContext,
  request: UpdateProfileRequest,
  user: UserRow,
  call: Call,
): Promise<void> {
  if (request.currentPassword === undefined || request.currentPassword === "") {
    throw invalid([
      { path: "currentPassword", message: "is needed to change the email address or the password" },
    ]);
  }
  const typed = request.currentPassword;
  const check = async () => {
    const isRight = await ctx.hasher.isMatch(typed, user.passwordHash, call.scope);
    if (!isRight) throw refusal("CURRENT_PASSWORD_WRONG");
  };
  const isWrong = (error: unknown) => isReason(error, "CURRENT_PASSWORD_WRONG");
  // A stolen token must not be worth a guess at the password.
  const guesser = { address: call.clientAddress, account: user.email };
  await (ctx.guesses ? ctx.guesses.attempt(guesser, check, isWrong) : check());
}
