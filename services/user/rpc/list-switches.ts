import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ListSwitchesRequest } from "#gen/stoa/platform/v1/flags_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { FlagSwitch } from "#platform/kit/flag-switch.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { listFlagSwitches } from "../flag-store.ts";

export async function listSwitches(ctx: UserContext, _request: ListSwitchesRequest, call: Call) {
  requireService(call);
  // Every process asks all the time: one read serves all that ask while it is under way.
  const reading = (ctx.switches.reading ??= readSwitches(ctx));
  return { switches: switchMessages(await reading) };
}

async function readSwitches(ctx: UserContext): Promise<FlagSwitch[]> {
  try {
    return await listFlagSwitches(ctx.db);
  } finally {
    ctx.switches.reading = undefined;
  }
}

export function switchMessages(switches: readonly FlagSwitch[]) {
  return switches.map(({ name, value, share, reason, by, at }) => ({
    name,
    valueJson: JSON.stringify(value),
    share,
    reason,
    switchedBy: by,
    switchedAt: timestampFromDate(at),
  }));
}
