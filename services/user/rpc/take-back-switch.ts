import type { TakeBackSwitchRequest } from "#gen/stoa/platform/v1/flags_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import { faultsFlag } from "#platform/kit/fault-rules.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { noteSwitch, requireKnown, requireReason } from "../flag-rules.ts";
import { deleteFlagSwitch, findFlagSwitch, listFlagSwitches, lockFlagSwitches } from "../flag-store.ts";
import { switchMessages } from "./list-switches.ts";

/** Whatever this release knows of the flag: what another one switched can be taken back, too. */
export async function takeBackSwitch(ctx: UserContext, request: TakeBackSwitchRequest, call: Call) {
  requireAdmin(call);
  const reason = requireReason(request.reason);
  const switches = await ctx.db.inTransaction(async (tx) => {
    await lockFlagSwitches(tx);
    const found = await findFlagSwitch(tx, request.name);
    if (found) {
      await noteSwitch(tx, call, { name: found.name, reason, before: found, after: undefined });
      await deleteFlagSwitch(tx, found.name);
    } else if (request.name !== faultsFlag) await requireKnown(ctx.flags, request.name);
    return await listFlagSwitches(tx);
  });
  return { switches: switchMessages(switches) };
}
