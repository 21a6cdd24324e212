import type { AskPasswordResetRequest } from "#gen/stoa/user/v1/user_pb.js";
import { newRandomId } from "#platform/kit/ids.ts";
import { limitKey } from "#platform/kit/rate-limit.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { parseEmail } from "../email.ts";
import { tellForgottenName } from "../tasks/tell-forgotten.ts";

// public: whoever forgot the password cannot say who they are
export async function askPasswordReset(ctx: UserContext, request: AskPasswordResetRequest, call: Call) {
  if (call.clientAddress !== undefined) await ctx.resetAsks?.take(limitKey(call.clientAddress));
  const email = parseEmail(request.email);
  await ctx.db.inTransaction(async (tx) => {
    await ctx.tasks.add(tx, call, { name: tellForgottenName, key: newRandomId(), payload: { email } });
  });
  return {};
}
