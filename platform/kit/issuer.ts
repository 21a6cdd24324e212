// What every process asks of the service that issues tokens: whom to believe, and what was switched.
import type { DescService } from "@bufbuild/protobuf";
import { FlagsService } from "#gen/stoa/platform/v1/flags_pb.js";
import { TrustService } from "#gen/stoa/platform/v1/trust_pb.js";
import type { Client } from "#platform/rpc/contract.ts";

/** How a contract of a service is reached, as the one who calls. */
export type Reach = <S extends DescService>(descriptor: S, service: string) => Client<S>;

/** The issuer may come later in the list: keys are wanted only when the work begins, or the first token arrives. */
export function trustClient(issuer: string | undefined, reach: Reach): Client<typeof TrustService> {
  if (issuer === undefined)
    return { getTrust: () => Promise.reject(new Error("The shop has no issuer of tokens.")) };
  let client: Client<typeof TrustService> | undefined;
  return { getTrust: (request, call) => (client ??= reach(TrustService, issuer)).getTrust(request, call) };
}

/** Likewise for the switches of flags. */
export function switchesClient(issuer: string | undefined, reach: Reach): Client<typeof FlagsService> {
  let client: Client<typeof FlagsService> | undefined;
  const open = () => {
    if (issuer === undefined) throw new Error("The shop has no issuer of tokens, which keeps its switches.");
    return (client ??= reach(FlagsService, issuer));
  };
  return {
    listSwitches: async (request, call) => await open().listSwitches(request, call),
    switchFlag: async (request, call) => await open().switchFlag(request, call),
    takeBackSwitch: async (request, call) => await open().takeBackSwitch(request, call),
  };
}
