import { recordActivity, type ActivityActor } from "#platform/activity/activity.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { brokenConstraint, sqlState, type Database, type Tx } from "#platform/database/db.ts";
import { newId } from "#platform/kit/ids.ts";
import { parseEmail } from "./email.ts";
import { refusal } from "./errors.ts";
import { parseNewPassword } from "./password.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { findLastIssue } from "./session-store.ts";
import { findUserByEmail, insertUser, lockUser, updateUser } from "./store.ts";
import type { UserRow } from "./user.ts";

export interface AccountsContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
}

/** An account as it is before it is stored for the first time. */
export function newUser(
  ctx: Pick<AccountsContext, "clock">,
  user: Pick<UserRow, "email" | "passwordHash" | "role"> & Partial<UserRow>,
): UserRow {
  const now = ctx.clock.now();
  const blank = { firstName: "", lastName: "", disabledAt: null, tokensNotBefore: null };
  return { ...blank, id: newId(now.getTime()), createdAt: now, updatedAt: now, ...user };
}

/** Who has the account of this address, if somebody has. */
export async function findAccount(
  db: Database,
  email: string,
): Promise<{ email: string; role: string } | undefined> {
  return await findUserByEmail(db, parseEmail(email, "email"));
}

export interface NewAdmin {
  readonly email: string;
  readonly password: string;
  /** Makes an admin of an account that is there too. */
  readonly mayReset: boolean;
  /** Who makes it, for the activity log. */
  readonly actor: ActivityActor;
}

/**
 * Makes an admin. Where the address has an account and that may be reset, it becomes an admin's with this password, and what was
 * signed in to it is signed out; else nothing changes. Safe to repeat.
 */
export async function createAdmin(
  ctx: AccountsContext,
  { email, password, mayReset, actor }: NewAdmin,
): Promise<{ userId: string; email: string; outcome: "created" | "promoted" | "taken" }> {
  const address = parseEmail(email, "email");
  const passwordHash = await ctx.hasher.hash(parseNewPassword(password, address));
  const user = newUser(ctx, { email: address, passwordHash, role: "admin" });
  let userId = user.id;
  const outcome = await ctx.db.inTransaction(async (tx) => {
    if (await insertUser(tx, user)) {
      await recordNewAdmin(tx, user.id, { before: null, actor });
      return "created";
    }
    const existing = await findUserByEmail(tx, address);
    if (!existing) throw refusal("USER_NOT_FOUND");
    userId = existing.id;
    if (!mayReset) return "taken";
    const locked = await lockUser(tx, existing.id);
    if (!locked) throw refusal("USER_NOT_FOUND");
    await endSessions(ctx, tx, { ...locked, passwordHash, role: "admin" });
    await recordNewAdmin(tx, locked.id, { before: locked.role, actor });
    return "promoted";
  });
  return { userId, email: address, outcome };
}

/** Whoever may do everything is in the log, with what they were before. */
export async function recordNewAdmin(
  tx: Tx,
  id: string,
  { before, actor }: { before: string | null; actor: ActivityActor },
): Promise<void> {
  await recordActivity(tx, {
    action: "user.role.change",
    actor,
    subject: { kind: "user", id },
    about: id,
    before: { role: before },
    after: { role: "admin", isPasswordSet: true },
  });
}

/** Saves the account with a cut-off behind every token it has: they all count no more. The transaction holds its row. */
export async function endSessions(
  ctx: Pick<AccountsContext, "clock">,
  tx: Tx,
  user: UserRow,
): Promise<UserRow> {
  const lastIssue = await findLastIssue(tx, user.id);
  const now = ctx.clock.now();
  // The clock of the replica that gave out the last token may be ahead of ours.
  const cutoffMs = Math.max(
    now.getTime(),
    (lastIssue?.getTime() ?? 0) + 1,
    user.tokensNotBefore?.getTime() ?? 0,
  );
  const changed = { ...user, tokensNotBefore: new Date(cutoffMs), updatedAt: now };
  await saveUser(tx, changed);
  return changed;
}

/** Saves the account, or refuses with EMAIL_TAKEN. */
export async function saveUser(tx: Tx, user: UserRow): Promise<void> {
  try {
    await updateUser(tx, user);
  } catch (error) {
    if (sqlState(error) === "23505" && brokenConstraint(error) === "users_email_key")
      throw refusal("EMAIL_TAKEN");
    throw error;
  }
}
