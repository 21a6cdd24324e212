import { UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import type { ActivityActor, ActivityCall } from "#platform/activity/activity.ts";
import { eraseActivityOf } from "#platform/activity/erasures.ts";
import type { Cause } from "#platform/database/tasks.ts";
import { idFromName } from "#platform/kit/ids.ts";
import type { UserContext } from "./context.ts";
import { revokeTokensOf } from "./session-store.ts";
import { deleteUser, findUserByEmail, lockUser } from "./store.ts";

interface By {
  readonly cause: Cause;
  readonly call?: ActivityCall;
  readonly actor?: ActivityActor;
}

/** Forgets whoever has this address, and tells everyone else to; returns the id of the account, if there was one. */
export async function eraseAccount(
  ctx: Pick<UserContext, "db" | "clock" | "outbox">,
  email: string,
  { cause, ...by }: By,
): Promise<string | undefined> {
  return await ctx.db.inTransaction(async (tx) => {
    const known = await findUserByEmail(tx, email);
    const user = known && (await lockUser(tx, known.id));
    if (user) {
      // Deleted with the account, its cut-off could not keep these out any more.
      await revokeTokensOf(tx, user.id, ctx.clock.now());
      await deleteUser(tx, user.id);
      await eraseActivityOf(tx, user.id, by);
    }
    const aggregateId = user?.id ?? idFromName("stoa.user.erased", email);
    const payload = { userId: user?.id ?? "", email };
    await ctx.outbox.emit(tx, cause, UserErasedSchema, { aggregateId, payload });
    return user?.id;
  });
}
