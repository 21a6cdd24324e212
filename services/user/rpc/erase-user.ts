import type { EraseUserRequest } from "#gen/stoa/user/v1/user_pb.js";
import { requireAdminOrService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { parseEmail } from "../email.ts";
import { eraseAccount } from "../erase-account.ts";

export async function eraseUser(ctx: UserContext, request: Pick<EraseUserRequest, "email">, call: Call) {
  requireAdminOrService(call);
  const email = parseEmail(request.email, "email");
  const userId = await eraseAccount(ctx, email, { cause: call, call });
  return { hadAccount: userId !== undefined };
}
