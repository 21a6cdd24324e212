import type { ConfirmPasswordResetRequest } from "#gen/stoa/user/v1/user_pb.js";
import { recordActivity } from "#platform/activity/activity.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { endSessions } from "../accounts.ts";
import type { UserContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { parseNewPassword } from "../password.ts";
import { tellPasswordChanged } from "../password-change.ts";
import { deletePasswordResets, findPasswordReset, takePasswordReset } from "../password-reset-store.ts";
import { hashOfToken } from "../sessions.ts";
import { findUser, lockUser } from "../store.ts";

const tokenLengthMax = 128;

// public: the token of the mail is the proof
export async function confirmPasswordReset(
  ctx: UserContext,
  { token, password }: ConfirmPasswordResetRequest,
  call: Call,
) {
  if (token === "" || token.length > tokenLengthMax) throw refusal("RESET_TOKEN_INVALID");
  const tokenHash = hashOfToken(token);
  const reset = await findPasswordReset(ctx.db, tokenHash, ctx.clock.now());
  const before = reset && (await findUser(ctx.db, reset.userId));
  if (!before || before.disabledAt) throw refusal("RESET_TOKEN_INVALID");
  const newPassword = parseNewPassword(password, before.email, ctx.shop.name);
  const passwordHash = await ctx.hasher.hash(newPassword, call.scope);
  await ctx.db.inTransaction(async (tx) => {
    const user = await lockUser(tx, before.id);
    if (!user || user.disabledAt || !(await takePasswordReset(tx, tokenHash, ctx.clock.now())))
      throw refusal("RESET_TOKEN_INVALID");
    await deletePasswordResets(tx, user.id);
    const changed = await endSessions(ctx, tx, { ...user, passwordHash });
    await tellPasswordChanged(ctx, tx, call, changed);
    await recordActivity(tx, {
      action: "user.password.reset",
      actor: { kind: "anonymous", id: "anonymous" },
      subject: { kind: "user", id: user.id },
      about: user.id,
      after: { role: user.role },
      call,
    });
  });
  return {};
}
