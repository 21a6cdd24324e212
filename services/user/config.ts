import { availableParallelism } from "node:os";
import { defineConfig, Secret, setting, type Setting } from "#platform/kit/config.ts";

/** Unlike other secrets it may be an example value while the whole shop runs on one machine; `checkFirstAdmin` decides. */
const adminPassword: Setting<Secret | undefined> = {
  ...setting.optionalSecret({
    doc: "Password of the first admin, at least 8 characters. When it is not set, the embedded shop makes one and prints it once.",
  }),
  read: (text) => (text === undefined || text === "" ? undefined : new Secret(text)),
};

export const UserConfig = defineConfig({
  ADMIN_EMAIL: setting.optionalText({ doc: "Email address of the first admin." }),
  ADMIN_PASSWORD: adminPassword,
  USER_PASSWORD_COST: setting.integer({
    default: 12,
    min: 12,
    max: 16,
    doc: "bcrypt cost of password hashes; older hashes are brought up to it at sign-in.",
  }),
  USER_PASSWORD_PARALLEL_MAX: setting.integer({
    default: availableParallelism(),
    min: 1,
    max: 64,
    doc: "Password hashes computed at the same time; by default one for each processor.",
  }),
  USER_PASSWORD_QUEUE_MAX: setting.integer({
    default: 64,
    min: 1,
    max: 1000,
    doc: "Password hashes that may wait for their turn; beyond it callers get 429 with Retry-After.",
  }),
  USER_WRONG_PASSWORDS_PER_MINUTE: setting.integer({
    default: 30,
    min: 1,
    max: 10_000,
    aliases: ["GATEWAY_FAILED_LOGINS_PER_MINUTE"],
    doc: "Wrong passwords from one client address within 60 seconds, wherever one is asked for, after which further tries meet 429.",
  }),
  USER_WRONG_PASSWORDS_PER_HOUR: setting.integer({
    default: 100,
    min: 1,
    max: 10_000,
    doc: "Wrong passwords for one account from one client address within an hour after which further tries from there meet 429.",
  }),
  USER_PASSWORD_RESET_MINUTES: setting.integer({
    default: 45,
    min: 5,
    max: 1_440,
    doc: "Minutes for which the link of a mail opens the page where a forgotten password is replaced; it works once.",
  }),
  USER_PASSWORD_RESETS_PER_MINUTE: setting.integer({
    default: 20,
    min: 1,
    max: 10_000,
    doc: "How often one client address may ask for such a mail in a minute, whosever account it names; an account gets three an hour at most.",
  }),
  USER_REFRESH_TOKEN_DAYS: setting.integer({
    default: 30,
    min: 1,
    max: 365,
    doc: "Days for which a refresh token can be used.",
  }),
  USER_SIGNING_KEYS_FILE: setting.optionalText({
    doc: "File with private Ed25519 keys that sign tokens, as a JSON Web Key Set or PEM: the first one signs, the others only verify. Read again within 10 seconds of a change. Before USER_SIGNING_KEYS and the keys of the database.",
  }),
  USER_SIGNING_KEYS: setting.hiddenText({
    doc: "The same keys as text, which lasts until the next start. Without either, keys are made and kept in the database.",
  }),
  USER_KEY_ROTATION_DAYS: setting.integer({
    default: 30,
    min: 1,
    max: 3650,
    doc: "Days after which a new key signs tokens; the old one stays published until its last token has expired.",
  }),
});
