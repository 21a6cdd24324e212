// Services of the shop in whose place somebody else's may stand, behind a contract of theirs.
import { create, type DescService } from "@bufbuild/protobuf";
import { DeliverResponseSchema, type EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import type { Database } from "#platform/database/db.ts";
import type { Client } from "#platform/rpc/contract.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Clock } from "./clock.ts";
import { readConfig, setting, type Environment, type Setting } from "./config.ts";

/** What a translation may touch. */
export interface ForeignKit<Theirs extends DescService> {
  /** The foreign service. It is told nothing of the shop: no token, no proof, no address of a visitor. */
  readonly theirs: Client<Theirs>;
  /** The service that calls, and its database; undefined for one without. */
  readonly caller: string;
  readonly db: Database | undefined;
  /** Base currency of the shop. */
  readonly currency: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A neighbour that may be foreign: the contract our callers know, that of the foreign service, and what makes one of the other. */
export interface ForeignNeighbour<
  Ours extends DescService = DescService,
  Theirs extends DescService = DescService,
> {
  readonly ours: Ours;
  readonly theirs: Theirs;
  readonly translate: (kit: ForeignKit<Theirs>) => Client<Ours>;
}

/** The ear of a service that is somebody else's: its contract has none, and what it does not hear is not sent again. */
export const deaf: Client<typeof EventInboxService> = {
  deliver: () => Promise.resolve(create(DeliverResponseSchema)),
};

/** Declares one. */
export function defineForeignNeighbour<Ours extends DescService, Theirs extends DescService>(
  neighbour: ForeignNeighbour<Ours, Theirs>,
): ForeignNeighbour {
  return neighbour as unknown as ForeignNeighbour;
}

/** The setting that says which contract a neighbour speaks: CURRENCY_CONTRACT. */
export function contractName(service: string): string {
  return `${service.toUpperCase().replaceAll("-", "_")}_CONTRACT`;
}

export function contractSetting(service: string): Setting<"stoa" | "hipstershop"> {
  return setting.choice(["stoa", "hipstershop"], {
    default: "stoa",
    doc: `Which contract the ${service} service speaks. hipstershop: it is somebody else's, at the address that is set for it, in place of ours (docs/operate/foreign-neighbours.md).`,
  });
}

/** True where the environment says that this service is somebody else's. Throws a ConfigError for a contract nobody knows. */
export function isForeignNeighbour(service: string, environment: Environment): boolean {
  const name = contractName(service);
  const { [name]: contract } = readConfig({ [name]: contractSetting(service) }, environment);
  return contract === "hipstershop";
}
