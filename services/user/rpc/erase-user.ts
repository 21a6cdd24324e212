import { UserErasedSchema, type EraseUserRequest } from "#gen/stoa/user/v1/user_pb.js";
import { eraseActivityOf } from "#platform/activity/erasures.ts";
import { requireAdminOrService } from "#platform/auth/guards.ts";
import { idFromName } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { parseEmail } from "../email.ts";
import { revokeTokensOf } from "../session-store.ts";
import { deleteUser, findUserByEmail, lockUser } from "../store.ts";

export async function eraseUser(ctx: UserContext, request: Pick<EraseUserRequest, "email">, call: Call) {
  requireAdminOrService(call);
  const email = parseEmail(request.email, "email");
  const userId = await ctx.db.inTransaction(async (tx) => {
    const known = await findUserByEmail(tx, email);
    const user = known && (await lockUser(tx, known.id));
    if (user) {
      // Deleted with the account, its cut-off could not keep these out any more.
      await revokeTokensOf(tx, user.id, ctx.clock.now());
      await deleteUser(tx, user.id);
      await eraseActivityOf(tx, user.id, { call });
    }
    const aggregateId = user?.id ?? idFromName("stoa.user.erased", email);
    await ctx.outbox.emit(tx, call, UserErasedSchema, {
      aggregateId,
      payload: { userId: user?.id ?? "", email },
    });
    return user?.id;
  });
  return { hadAccount: userId !== undefined };
}
