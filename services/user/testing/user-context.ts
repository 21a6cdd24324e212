import { UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { Outbox } from "#platform/database/outbox.ts";
import { readConfig } from "#platform/kit/config.ts";
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

export const goodPassword = "tr4in-of-owls";

/** A context on a database of its own, with hashes as cheap as bcrypt can make them. */
export async function testUserContext(clock: Clock = systemClock): Promise<UserContext> {
  const db = await testDatabase(user);
  const keys = new KeyRing(db, clock, 30);
  await keys.refresh();
  const hasher = new PasswordHasher({ cost: 4, parallelMax: 2, queueMax: 200 });
  const outbox = new Outbox({
    service: "user",
    db,
    clock,
    log: silentLog,
    emits: [UserErasedSchema],
    subscribers: [],
  });
  return {
    db,
    clock,
    log: silentLog,
    config: readConfig(UserConfig, {}),
    hasher,
    keys,
    outbox,
    shop: { name: "Stoa" },
    guesses: undefined,
  };
}

let accounts = 0;

/** A new account, signed in. */
export async function registered(ctx: UserContext, email = `person${(accounts += 1)}@example.com`) {
  const request = { email, password: goodPassword, firstName: "Ada", lastName: "Lovelace" };
  const answer = await register(ctx, { $typeName: "stoa.user.v1.RegisterRequest", ...request }, testCall());
  return { ...answer, email };
}
