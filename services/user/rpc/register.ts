import type { RegisterRequest } from "#gen/stoa/user/v1/user_pb.js";
import type { Call } from "#platform/rpc/contract.ts";
import { noteEvent } from "#platform/telemetry/business-event.ts";
import { newUser } from "../accounts.ts";
import type { UserContext } from "../context.ts";
import { parseEmail } from "../email.ts";
import { refusal } from "../errors.ts";
import { tellJoinedGuest } from "../joined-guest.ts";
import { signups } from "../metrics.ts";
import { parseNewPassword } from "../password.ts";
import { openSession } from "../sessions.ts";
import { findUserByEmail, insertUser } from "../store.ts";
import { parseName, userMessage } from "../user.ts";

// public: anyone may open an account
export async function register(ctx: UserContext, request: RegisterRequest, call: Call) {
  const email = parseEmail(request.email);
  const password = parseNewPassword(request.password, email, ctx.shop.name);
  const firstName = parseName(request.firstName, "firstName");
  const lastName = parseName(request.lastName, "lastName");

  // Asked when it is this call's turn, so that a crowd with one address costs a few hashes, not one each.
  const passwordHash = await ctx.hasher.hash(password, call.scope, async () => {
    if (await findUserByEmail(ctx.db, email)) throw refusal("EMAIL_TAKEN");
  });
  const user = newUser(ctx, { email, passwordHash, firstName, lastName, role: "customer" });
  const session = await ctx.db.inTransaction(async (tx) => {
    if (!(await insertUser(tx, user))) throw refusal("EMAIL_TAKEN");
    await tellJoinedGuest(ctx, tx, { call, userId: user.id });
    return await openSession(ctx, tx, user);
  });
  signups.inc();
  noteEvent(ctx.log, call, "user.registered", { userId: user.id });
  return { user: userMessage(user), session };
}
