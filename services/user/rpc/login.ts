import type { LoginRequest } from "#gen/stoa/user/v1/user_pb.js";
import { recordActivity, type Activity } from "#platform/activity/activity.ts";
import { isReason } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { noteEvent } from "#platform/telemetry/business-event.ts";
import type { UserContext } from "../context.ts";
import { canonicalEmail } from "../email.ts";
import { refusal } from "../errors.ts";
import { tellJoinedGuest } from "../joined-guest.ts";
import { logins } from "../metrics.ts";
import { isPasswordLength } from "../password.ts";
import { openSession } from "../sessions.ts";
import { findUserByEmail, lockUserForSession, replacePasswordHash } from "../store.ts";
import { userMessage, type UserRow } from "../user.ts";

// public: this is how one becomes somebody
export async function login(ctx: UserContext, request: LoginRequest, call: Call) {
  try {
    const opened = await openedSession(ctx, request, call);
    logins.inc({ outcome: "ok" });
    noteEvent(ctx.log, call, "user.login", { userId: opened.user.id, role: opened.user.role });
    return opened;
  } catch (error) {
    if (isReason(error, "CREDENTIALS_INVALID", "RATE_LIMITED")) {
      logins.inc({ outcome: error.reason === "RATE_LIMITED" ? "limited" : "refused" });
      noteEvent(ctx.log, call, "user.login_refused", { reason: error.reason });
    }
    throw error;
  }
}

async function openedSession(ctx: UserContext, request: LoginRequest, call: Call) {
  const found = await inLimits(ctx, request, call, async () => {
    const { known, isVerified } = await verify(ctx, request, call);
    if (known && isVerified) return known;
    await ctx.aside.record(refusedLogin(known, call));
    throw refusal("CREDENTIALS_INVALID");
  });
  const checked = await upgraded(ctx, found, request.password);
  const { user, session } = await ctx.db.inTransaction(async (tx) => {
    const locked = await lockUserForSession(tx, checked.id);
    // The password may have changed, or the account been closed, while the hash was computed.
    if (!locked || locked.disabledAt || locked.passwordHash !== checked.passwordHash)
      throw refusal("CREDENTIALS_INVALID");
    await tellJoinedGuest(ctx, tx, { call, userId: locked.id });
    if (locked.role === "admin") await recordActivity(tx, staffLogin(locked, call));
    return { user: locked, session: await openSession(ctx, tx, locked) };
  });
  return { user: userMessage(user), session };
}

/** Counted by what was typed, whether or not there is such an account. */
async function inLimits<T>(
  { guesses }: UserContext,
  { email }: LoginRequest,
  { clientAddress: address }: Call,
  guess: () => Promise<T>,
): Promise<T> {
  if (!guesses) return await guess();
  const account = canonicalEmail(email) ?? "";
  return await guesses.attempt({ address, account }, guess, (error) =>
    isReason(error, "CREDENTIALS_INVALID"),
  );
}

/** Customers sign in all the time; what the staff does is written down. */
function staffLogin({ id, role }: UserRow, call: Call): Activity {
  const actor = { kind: "admin", id } as const;
  return { action: "user.login", actor, subject: { kind: "user", id }, about: id, after: { role }, call };
}

/** Whatever was typed is not kept: it may be a password in the wrong field. */
function refusedLogin(known: UserRow | undefined, call: Call): Activity {
  return {
    action: "user.login_refused",
    actor: { kind: "anonymous", id: "anonymous" },
    subject: { kind: "user", id: known?.id ?? "unknown" },
    about: known?.id,
    after: { role: known?.role ?? null, isDisabled: known?.disabledAt ? true : undefined },
    call,
  };
}

/** Every refusal costs one hash, so that the time taken tells nothing about the account. */
async function verify(
  ctx: UserContext,
  request: LoginRequest,
  call: Call,
): Promise<{ known: UserRow | undefined; isVerified: boolean }> {
  const email = canonicalEmail(request.email);
  const isPossible = email !== undefined && isPasswordLength(request.password);
  // An address that nobody can have is looked up all the same: "" is no account's address.
  const known = await findUserByEmail(ctx.db, isPossible ? email : "");
  const password = isPossible ? request.password : "";
  const isRight = await ctx.hasher.isMatch(password, known?.passwordHash, call.scope);
  return { known, isVerified: isRight && !known?.disabledAt };
}

async function upgraded(ctx: UserContext, user: UserRow, password: string): Promise<UserRow> {
  if (!ctx.hasher.isOutdated(user.passwordHash)) return user;
  const passwordHash = await ctx.hasher.hash(password);
  const isReplaced = await replacePasswordHash(ctx.db, user, passwordHash);
  return isReplaced ? { ...user, passwordHash } : user;
}
