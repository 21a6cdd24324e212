import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { GetProfileRequest } from "#gen/stoa/user/v1/user_pb.js";
import { requireUser } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { findUser } from "../store.ts";
import { userMessage } from "../user.ts";

export async function getProfile(ctx: UserContext, _request: GetProfileRequest, call: Call) {
  const { userId, role, token } = requireUser(call);
  if (role === "guest") {
    const since = timestampFromMs(token.issuedAtMs);
    return { user: { id: userId, role, createdAt: since, updatedAt: since } };
  }
  const user = await findUser(ctx.db, userId);
  if (!user) throw refusal("USER_NOT_FOUND");
  return { user: userMessage(user) };
}
