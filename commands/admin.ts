import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { randomCode } from "#platform/kit/ids.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { createAdmin } from "../services/user/accounts.ts";
import { UserConfig } from "../services/user/config.ts";
import { hasherOf } from "../services/user/context.ts";
import type { CommandContext } from "./command.ts";
import { withServices } from "./open-back-end.ts";

/** Letters and digits that are not mistaken for each other; 20 of them are 99 bits. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

/** `admin create <email>`: makes an admin with a new password, and prints it this once. */
export async function admin(context: CommandContext): Promise<void> {
  const [verb, email] = context.args;
  if (verb !== "create" || email === undefined) throw new StartError("Say: admin create <email>.");
  await withServices(context, ["user"], async ({ services: [user] }) => {
    if (!user?.db) throw new Error("The user service has no database.");
    const config = readConfig(UserConfig, context.environment);
    const password = randomCode(20, alphabet);
    const made = await createAdmin(
      { db: user.db, clock: systemClock, hasher: hasherOf(config) },
      email,
      password,
    );
    context.print(
      `${made.email} is ${made.outcome === "created" ? "an admin" : "an admin now"}. Password: ${password}`,
    );
  });
}
