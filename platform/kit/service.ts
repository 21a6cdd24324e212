// The door every service has. defineService registers nothing: it exists so that TypeScript can infer.
import type { DescService } from "@bufbuild/protobuf";
import type { TokenVerifier } from "#platform/auth/token.ts";
import type { Clock } from "./clock.ts";
import type { ConfigOf, Settings } from "./config.ts";
import type { Database } from "#platform/database/db.ts";
import type { Flags } from "./flags.ts";
import type { HttpApp } from "#platform/http/server.ts";
import type { InboxHandlers } from "#platform/database/inbox.ts";
import type { Job } from "#platform/database/jobs.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Outbox } from "#platform/database/outbox.ts";
import type { BoundService, Client } from "#platform/rpc/contract.ts";

/** Contracts a service calls, by the name of the service that answers. */
export type Needs = { readonly [service: string]: DescService };

/** What a service is given when it opens: everything it may touch. */
export interface Kit<S extends Settings, N extends Needs> {
  readonly name: string;
  readonly config: ConfigOf<S>;
  readonly clients: { readonly [K in keyof N]: Client<N[K]> };
  /** The service's own database. Throws when the definition names none. */
  readonly db: Database;
  readonly outbox: Outbox;
  readonly flags: Flags;
  readonly verifier: TokenVerifier;
  readonly clock: Clock;
  readonly log: Logger;
  readonly shop: ShopFacts;
}

/** What a service may know about the program it runs in. */
export interface ShopFacts {
  /** The whole shop in one process on a laptop. */
  readonly isEmbedded: boolean;
  /** Where the REST API answers, for services that speak HTTP to it. Known once the listeners are open. */
  readonly apiUrl: () => string;
  /** Key with which services prove their names, also over HTTP. */
  readonly serviceKey: string;
  readonly rateLimits: boolean;
  /** State of every service this process can see, for the aggregated health. */
  readonly health: () => Promise<ServiceHealth[]>;
}

export interface ServiceHealth {
  readonly service: string;
  readonly status: "up" | "down";
}

/** What a service opens. */
export interface ServiceParts {
  readonly rpc?: readonly BoundService[];
  /** Contracts only other services of the shop call; never on the shop's public gRPC port. */
  readonly internalRpc?: readonly BoundService[];
  readonly http?: (app: HttpApp) => Promise<void> | void;
  readonly inbox?: InboxHandlers;
  readonly jobs?: readonly Job[];
  /** Runs once, after the migrations of all services and before the shop is ready; must be safe to repeat. */
  readonly seed?: () => Promise<void>;
  readonly close?: () => Promise<void>;
}

export interface ServiceDefinition<S extends Settings = Settings, N extends Needs = Needs> {
  readonly name: string;
  readonly config: S;
  /** Name of its database; absent for a service without one. */
  readonly database?: string;
  /** Folder of its numbered migrations. */
  readonly migrations?: URL;
  /** Default gRPC port when it runs alone. */
  readonly grpcPort?: number;
  /** Only services earlier in the list. */
  readonly needs: N;
  /** Services earlier in the list that its events go to. */
  readonly notifies?: readonly string[];
  readonly create: (kit: Kit<S, N>) => Promise<ServiceParts> | ServiceParts;
}

/** Declares a service. */
export function defineService<S extends Settings, N extends Needs>(
  definition: ServiceDefinition<S, N>,
): ServiceDefinition<S, N> {
  return definition;
}

/** Any definition, for the runner: every service fits, whatever its settings and needs. */
export interface AnyService extends Omit<ServiceDefinition, "create"> {
  readonly create: (kit: never) => Promise<ServiceParts> | ServiceParts;
}

/** One entry of the list of services: its name, and how to load it when it is wanted. */
export interface ServiceEntry {
  readonly name: string;
  readonly load: () => Promise<AnyService>;
}
