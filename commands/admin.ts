import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { randomCode } from "#platform/kit/ids.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { noteEvent } from "#platform/telemetry/business-event.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { createAdmin, findAccount } from "../services/user/accounts.ts";
import { UserConfig } from "../services/user/config.ts";
import { hasherOf } from "../services/user/context.ts";
import { parseEmail } from "../services/user/email.ts";
import type { CommandContext } from "./command.ts";
import { withServices } from "./open-back-end.ts";

/** The standard output is for whoever reads the password. */
const toStderr = createLogger({ level: "info", format: "json" }, (line) => void process.stderr.write(line));

/** Letters and digits that are not mistaken for each other; 20 of them are 99 bits. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

/** `admin create <email>`: makes an admin with a new password, and prints it this once. An account that is there is changed only when that was meant. */
export async function createAdminAccount(context: CommandContext): Promise<void> {
  const email = parseEmail(context.args[0] ?? "", "email");
  await withServices(context, ["user"], async ({ services: [user] }) => {
    if (!user?.db) throw new Error("The user service has no database.");
    const mayReset = await mayResetPassword(context, await findAccount(user.db, email));
    const config = readConfig(UserConfig, context.environment);
    const password = randomCode(20, alphabet);
    const accounts = { db: user.db, clock: systemClock, hasher: hasherOf(config) };
    const made = await createAdmin(accounts, {
      email,
      password,
      mayReset,
      actor: { kind: "command", id: "stoa admin create" },
    });
    if (made.outcome === "taken") throw existing(email, "an account");
    noteEvent(toStderr, {}, "user.role_changed", {
      userId: made.userId,
      role: "admin",
      outcome: made.outcome,
    });
    context.print(
      `${made.email} is ${made.outcome === "created" ? "an admin" : "an admin now, and everything signed in to it is signed out"}. Password: ${password}`,
    );
  });
}

async function mayResetPassword(
  { options, ask }: CommandContext,
  account: { readonly email: string; readonly role: string } | undefined,
): Promise<boolean> {
  if (options["reset-password"] || !account) return options["reset-password"] === true;
  const what = account.role === "admin" ? "an admin already" : "the account of a customer";
  const isMeant = await ask?.(
    `${account.email} is ${what}. Make it an admin's with a new password, and end its sessions?`,
  );
  if (!isMeant) throw existing(account.email, what);
  return true;
}

function existing(email: string, what: string): StartError {
  return new StartError(
    `${email} is ${what}; nothing was changed. With --reset-password it becomes an admin's with a new password, and its sessions end.`,
  );
}
