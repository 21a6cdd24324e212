import type { LogoutRequest } from "#gen/stoa/user/v1/user_pb.js";
import { requireUser } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { insertRevokedToken, lockSessionOfAccessToken, revokeSession } from "../session-store.ts";

export async function logout(ctx: UserContext, _request: LogoutRequest, call: Call) {
  const { token } = requireUser(call);
  await ctx.db.inTransaction(async (tx) => {
    const session = await lockSessionOfAccessToken(tx, token.id);
    if (session) await revokeSession(tx, session.id, ctx.clock.now());
    await insertRevokedToken(tx, token.id, new Date(token.expiresAtMs));
  });
  return {};
}
