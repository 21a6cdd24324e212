import {
  PasswordChangedSchema,
  PasswordForgottenSchema,
  UserErasedSchema,
} from "#gen/stoa/user/v1/user_pb.js";
import { ActivityAside } from "#platform/activity/aside.ts";
import { Outbox } from "#platform/database/outbox.ts";
import { Tasks } from "#platform/database/tasks.ts";
import { readConfig } from "#platform/kit/config.ts";
import { fixedFlags } from "#platform/kit/flags.ts";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testCall } from "#platform/testing/call.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { UserConfig } from "../config.ts";
import type { UserContext } from "../context.ts";
import { KeyRing } from "../key-ring.ts";
import { PasswordHasher } from "../password-hasher.ts";
import { register } from "../rpc/register.ts";
import { user } from "../service.ts";
import { tellForgottenTask } from "../tasks/tell-forgotten.ts";

export const goodPassword = "tr4in-of-owls";

/** A context on a database of its own, with hashes as cheap as bcrypt can make them. Events wait for those who hear them. */
export async function testUserContext(
  clock: Clock = systemClock,
  hears: { readonly [listener: string]: readonly string[] } = {},
): Promise<UserContext> {
  const db = await testDatabase(user);
  const keys = new KeyRing(db, clock, { rotationDays: 30 });
  await keys.refresh();
  const hasher = new PasswordHasher({ cost: 4, parallelMax: 2, queueMax: 200 });
  const outbox = new Outbox({
    service: "user",
    db,
    clock,
    log: silentLog,
    emits: [UserErasedSchema, PasswordForgottenSchema, PasswordChangedSchema],
    subscribers: Object.entries(hears).map(([name, topics]) => ({
      name,
      hears: topics,
      inbox: { deliver: () => Promise.reject(new Error("Nothing is delivered here.")) },
    })),
  });
  const tasks = new Tasks("user");
  tasks.declare([tellForgottenTask({ db, outbox })]);
  return {
    db,
    clock,
    log: silentLog,
    config: readConfig(UserConfig, {}),
    hasher,
    keys,
    outbox,
    shop: { name: "Stoa", serviceKey: "a-key-that-only-tests-know-0123456789" },
    revocations: { reading: undefined },
    switches: { reading: undefined },
    flags: fixedFlags(() => true),
    tasks,
    guesses: undefined,
    resetAsks: undefined,
    aside: new ActivityAside(db, clock, silentLog),
  };
}

let accounts = 0;

/** A new account, signed in. */
export async function registered(ctx: UserContext, email = `person${(accounts += 1)}@example.com`) {
  const request = { email, password: goodPassword, firstName: "Ada", lastName: "Lovelace" };
  const answer = await register(ctx, { $typeName: "stoa.user.v1.RegisterRequest", ...request }, testCall());
  return { ...answer, email };
}
