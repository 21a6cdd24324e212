import type { GetUserRequest } from "#gen/stoa/user/v1/user_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { findUser } from "../store.ts";
import { userMessage } from "../user.ts";

export async function getUser(ctx: UserContext, request: GetUserRequest, call: Call) {
  requireOwner(call, request.userId, () => refusal("USER_NOT_FOUND"));
  const user = isUuid(request.userId) ? await findUser(ctx.db, request.userId) : undefined;
  if (!user) throw refusal("USER_NOT_FOUND");
  return { user: userMessage(user) };
}
