import { ConfigError, isExampleSecret, type ConfigOf } from "#platform/kit/config.ts";
import { randomCode } from "#platform/kit/ids.ts";
import type { Told } from "#platform/kit/service.ts";
import { newUser, recordNewAdmin } from "./accounts.ts";
import type { UserConfig } from "./config.ts";
import type { UserContext } from "./context.ts";
import { canonicalEmail } from "./email.ts";
import { isPasswordLength, passwordFault } from "./password.ts";
import { findAdmin, findUserByEmail, insertUser } from "./store.ts";

const defaultEmail = "admin@stoa.local";

/** Refuses settings that would make an admin anyone can guess. Throws a ConfigError that names every fault. */
export function checkFirstAdmin(config: ConfigOf<typeof UserConfig>, isEmbedded: boolean): void {
  const faults: string[] = [];
  const email = config.ADMIN_EMAIL;
  const password = config.ADMIN_PASSWORD?.reveal();
  if (email !== undefined && canonicalEmail(email) === undefined)
    faults.push("ADMIN_EMAIL must be an email address such as admin@example.com.");
  if (password !== undefined && email === undefined)
    faults.push("ADMIN_PASSWORD is set, but ADMIN_EMAIL is not: set both, or neither.");
  if (password !== undefined && !isPasswordLength(password))
    faults.push("ADMIN_PASSWORD must have from 8 to 200 characters.");
  if (email !== undefined && password === undefined && !isEmbedded)
    faults.push("ADMIN_EMAIL is set, but ADMIN_PASSWORD is not: set both, or neither.");
  if (password !== undefined && !isEmbedded && isEasy(password, email ?? ""))
    faults.push(
      "ADMIN_PASSWORD is an example value or one of the commonest passwords; choose one of your own.",
    );
  if (faults.length > 0) throw new ConfigError(faults);
}

/**
 * Makes the first admin: the one of the settings, or in the embedded shop one with a password of its own. An account that is there
 * is left as it is, so that a changed password stays changed. Tells who may sign in, and a password made here, this once.
 */
export async function seedFirstAdmin(ctx: UserContext, isEmbedded: boolean): Promise<Told[]> {
  const { ADMIN_EMAIL, ADMIN_PASSWORD } = ctx.config;
  const email = canonicalEmail(ADMIN_EMAIL ?? defaultEmail) ?? defaultEmail;
  const existing = ADMIN_EMAIL === undefined ? await findAdmin(ctx.db) : await findUserByEmail(ctx.db, email);
  if (existing) return [{ name: "admin's email", value: existing.email }];
  if (ADMIN_PASSWORD === undefined && !isEmbedded) {
    ctx.log.warn("The shop has no admin yet. Make one with: stoa admin create <email>");
    return [];
  }
  const password = ADMIN_PASSWORD?.reveal() ?? randomPassword();
  const passwordHash = await ctx.hasher.hash(password);
  const user = newUser(ctx, { email, passwordHash, role: "admin" });
  const isNew = await ctx.db.inTransaction(async (tx) => {
    const isInserted = await insertUser(tx, user);
    const actor = { kind: "service", id: "user" } as const;
    if (isInserted) await recordNewAdmin(tx, user.id, { before: null, actor });
    return isInserted;
  });
  const told = [{ name: "admin's email", value: email }];
  if (!isNew) return told;
  const isOurs = ADMIN_PASSWORD === undefined;
  const value = isOurs
    ? `${password}   (shown only this once; change it at /account)`
    : "the one in ADMIN_PASSWORD";
  return [...told, { name: "password", value }];
}

/** Sixteen characters that cannot be mistaken for each other: 79 bits. */
function randomPassword(): string {
  const part = () => randomCode(4, "abcdefghjkmnpqrstuvwxyz23456789");
  return [part(), part(), part(), part()].join("-");
}

function isEasy(password: string, email: string): boolean {
  return isExampleSecret(password) || passwordFault(password, email) !== undefined;
}
