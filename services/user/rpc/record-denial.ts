import type { RecordDenialRequest } from "#gen/stoa/user/v1/user_pb.js";
import type { ActivityActor } from "#platform/activity/activity.ts";
import { denial } from "#platform/activity/aside.ts";
import { requireService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";

const kinds: readonly ActivityActor["kind"][] = ["admin", "customer", "guest", "machine", "anonymous"];

/** The gateway has no database of its own; whoever it turns away is noted here. */
export async function recordDenial(ctx: UserContext, request: RecordDenialRequest, call: Call) {
  requireService(call);
  const { operation, reason, role, actorId } = request;
  const kind = kinds.find((one) => one === (role || "anonymous"));
  if (!kind) throw invalid([{ path: "role", message: "must be a role" }]);
  await ctx.aside.record({ ...denial(operation, reason, call), actor: { kind, id: actorId || kind } });
  return {};
}
