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
  USER_REFRESH_TOKEN_DAYS: setting.integer({
    default: 30,
    min: 1,
    max: 365,
    doc: "Days for which a refresh token can be used.",
  }),
  USER_KEY_ROTATION_DAYS: setting.integer({
    default: 30,
    min: 1,
    max: 3650,
    doc: "Days after which a new key signs tokens; the old one stays published until its last token has expired.",
  }),
});
