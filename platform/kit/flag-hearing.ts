import type { Logger } from "#platform/telemetry/log.ts";
import { pause, type Clock } from "./clock.ts";
import { switchesOf } from "./flag-switch.ts";
import type { Flags } from "./flags.ts";
import { switchesClient, type Reach } from "./issuer.ts";
import type { AnyService } from "./service.ts";

/** A process is asked again so long after the last answer: a switch is heard within this time and one call. */
const everyMs = 2_000;
const answerMsMax = 2_000;

export interface FlagHearingOptions {
  /** The service that keeps the switches. */
  readonly issuer?: string | undefined;
  /** Of this process. */
  readonly services: readonly AnyService[];
  readonly reachAs: (caller: string) => Reach;
  readonly flags: Flags;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Hears what was switched, by the clock, until `signal` aborts. While nobody answers, the last known switches stay in force: faults end
 * by themselves all the same. Never rejects.
 */
export async function hearSwitches(options: FlagHearingOptions, signal: AbortSignal): Promise<void> {
  const { issuer, services, reachAs, flags, clock, log } = options;
  // Pages, which ask the issuer for nothing, hear of switches from the gateway.
  const asking = services.find(({ verifiesTokens }) => verifiesTokens !== false);
  if (issuer === undefined || !asking) return;
  const switches = switchesClient(issuer, reachAs(asking.name));
  let isHeard = true;
  while (!signal.aborted) {
    try {
      const answer = await switches.listSwitches({}, { timeoutMs: answerMsMax });
      flags.hear(switchesOf(answer.switches));
      if (!isHeard) log.info({}, "Switches of flags are heard again.");
      isHeard = true;
    } catch (error) {
      if (isHeard)
        log.warn({ err: error }, "Switches of flags could not be heard; the last known ones stay in force.");
      isHeard = false;
    }
    await pause(clock, everyMs, signal);
  }
}
