import type { SwitchFlagRequest } from "#gen/stoa/platform/v1/flags_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import { parseFlagValue } from "#platform/kit/flag-switch.ts";
import { invalid } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { noteSwitch, requireReason, requireSwitchable } from "../flag-rules.ts";
import { findFlagSwitch, listFlagSwitches, lockFlagSwitches, setFlagSwitch } from "../flag-store.ts";
import { switchMessages } from "./list-switches.ts";

export async function switchFlag(ctx: UserContext, request: SwitchFlagRequest, call: Call) {
  const { userId: by } = requireAdmin(call);
  const { name, share = 1 } = request;
  const reason = requireReason(request.reason);
  if (!(share >= 0 && share <= 1))
    throw invalid([{ path: "share", message: "must be a number from 0 to 1" }]);
  const at = ctx.clock.now();
  const value = parseFlagValue(request.valueJson);
  await requireSwitchable(ctx, { name, value, share }, at);
  const switches = await ctx.db.inTransaction(async (tx) => {
    await lockFlagSwitches(tx);
    const before = await findFlagSwitch(tx, name);
    await noteSwitch(tx, call, { name, reason, before, after: { value, share } });
    await setFlagSwitch(tx, { name, value, share, reason, by, at });
    return await listFlagSwitches(tx);
  });
  return { switches: switchMessages(switches) };
}
