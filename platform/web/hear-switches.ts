import type { Job } from "#platform/database/jobs.ts";
import type { FlagValue } from "#platform/kit/flag-switch.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { Kit } from "#platform/kit/service.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import type { Api } from "./rest-api.ts";

/**
 * For services of pages, which reach nobody but the gateway: what is switched, every two seconds. In one process with the others there is
 * nothing to hear. While the gateway does not answer, the last known switches stay in force.
 */
export function hearSwitchesJobs(api: Api, { flags, shop, log }: Kit): Job[] {
  if (shop.isEmbedded) return [];
  let isHeard = true;
  const run = async () => {
    const caller = { requestId: newRandomId(), trace: traceFrom(undefined), clientAddress: "127.0.0.1" };
    try {
      const { items } = await api.send("listSwitches", {}, caller);
      flags.hear(items.map((one) => ({ ...one, value: one.value as FlagValue, at: new Date(one.at) })));
      isHeard = true;
    } catch (error) {
      if (isHeard)
        log.warn({ err: error }, "Switches of flags could not be heard; the last known ones stay in force.");
      isHeard = false;
    }
  };
  return [{ name: "hear-switches", everyMs: 2_000, isExclusive: false, run }];
}
