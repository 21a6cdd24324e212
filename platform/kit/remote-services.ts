// Services in other processes: where each is, the way to it that all clients of one caller share, and the guard that stands on it.
import type { DescService } from "@bufbuild/protobuf";
import { addressFault, addressOf } from "./addresses.ts";
import type { Clock } from "./clock.ts";
import type { ConfigOf, Environment } from "./config.ts";
import type { ForeignNeighbour } from "./foreign-neighbour.ts";
import type { ShopFacts } from "./service.ts";
import type { PlatformConfig } from "./settings.ts";
import { StartError } from "./start-error.ts";
import type { Database } from "#platform/database/db.ts";
import type { Client } from "#platform/rpc/contract.ts";
import { createGrpcClient } from "#platform/rpc/grpc-client.ts";
import type { GrpcTls } from "#platform/rpc/grpc-tls.ts";
import { GrpcWay } from "#platform/rpc/grpc-way.ts";
import { NeighbourGuard, type GuardOptions, type NeighbourState } from "#platform/rpc/neighbour.ts";
import type { Logger } from "#platform/telemetry/log.ts";

export interface RemoteServicesOptions {
  readonly environment: Environment;
  /** Further names of settings under which a service's address may stand. */
  readonly addressAliases?: { readonly [service: string]: readonly string[] };
  readonly shop: Pick<ShopFacts, "serviceKey" | "currency">;
  readonly config: Pick<ConfigOf<typeof PlatformConfig>, "GRPC_COMPRESSION">;
  readonly grpcTls?: GrpcTls | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Who calls whom, and how long that may take. */
export interface Route {
  readonly caller: string;
  readonly service: string;
  /** The longest one call may take, as the caller's door says. */
  readonly patienceMs?: number | undefined;
  /**
   * False for what the kit asks on its own: facts at the start, and deliveries, which wait and try again by themselves. Their failures
   * do not open the breaker, and it does not hold them back.
   */
  readonly isGuarded: boolean;
  /** It is somebody else's: it is told neither who calls nor for whom. */
  readonly isForeign?: boolean;
}

/** Clients of services elsewhere. There is one guard for each caller and service; a process with one service has one caller. */
export class RemoteServices {
  readonly #options: RemoteServicesOptions;
  readonly #neighbours = new Map<string, { readonly way: GrpcWay; readonly guard: NeighbourGuard }>();
  readonly #guards: NeighbourGuard[] = [];
  readonly #closers: (() => void)[] = [];

  constructor(options: RemoteServicesOptions) {
    this.#options = options;
  }

  /** Where a service is. Throws a StartError when no setting says it, or what it says cannot be used. */
  urlOf(service: string, caller: string): string {
    const { environment, addressAliases, grpcTls } = this.#options;
    const url = addressOf(service, environment, addressAliases?.[service]);
    if (url === undefined)
      throw new StartError(
        `The ${caller} service calls ${service}, but ${service.toUpperCase()}_URL is not set. Set it to host:port of the ${service} service.`,
      );
    const fault = addressFault(service, url, grpcTls !== undefined);
    if (fault !== undefined) throw new StartError(fault);
    return url;
  }

  /** A client of any contract. Throws a StartError as `urlOf` does. */
  client<S extends DescService>(descriptor: S, route: Route): Client<S> {
    const { caller, service, patienceMs, isGuarded, isForeign } = route;
    const url = this.urlOf(service, caller);
    const { shop, clock, grpcTls: tls } = this.#options;
    const { serviceKey, currency } = shop;
    const neighbour = isGuarded ? this.#neighbour(route, url) : undefined;
    const options = {
      url,
      caller,
      service,
      serviceKey,
      currency,
      clock,
      tls,
      patienceMs,
      neighbour,
      isForeign,
    };
    const { client, close } = createGrpcClient(descriptor, options);
    this.#closers.push(close);
    return client;
  }

  /** A client of our contract that asks a service of others; `db` is the caller's own. Throws a StartError as `urlOf` does. */
  translated(foreign: ForeignNeighbour, route: Route, db: Database | undefined): Client<DescService> {
    const { shop, clock, log } = this.#options;
    const { caller } = route;
    const theirs = this.client(foreign.theirs, { ...route, isForeign: true });
    const kit = { theirs, caller, db, currency: shop.currency, clock, log: log.child({ service: caller }) };
    return foreign.translate(kit);
  }

  /** The guard of a neighbour that is asked over HTTP. */
  openGuard(caller: string, neighbour: string, knock: GuardOptions["knock"]): NeighbourGuard {
    const { clock, log } = this.#options;
    const guard = new NeighbourGuard({
      caller,
      neighbour,
      clock,
      log: log.child({ service: caller }),
      knock,
    });
    this.#guards.push(guard);
    return guard;
  }

  /** How the way to each neighbour is. */
  states(): NeighbourState[] {
    return this.#guards.map((guard) => guard.state);
  }

  close(): void {
    for (const close of this.#closers) close();
    for (const guard of this.#guards) guard.close();
    for (const { way } of this.#neighbours.values()) way.close();
  }

  #neighbour({ caller, service }: Route, url: string) {
    const key = `${caller}/${service}`;
    const known = this.#neighbours.get(key);
    if (known) return known;
    const { clock, log, config, grpcTls: tls } = this.#options;
    const way = new GrpcWay({ url, clock, tls, compression: config.GRPC_COMPRESSION });
    const guard = new NeighbourGuard({
      caller,
      neighbour: service,
      clock,
      log: log.child({ service: caller }),
      knock: (timeoutMs) => way.isAlive(timeoutMs),
      dialAnew: () => way.dialAnew(),
    });
    this.#guards.push(guard);
    const neighbour = { way, guard };
    this.#neighbours.set(key, neighbour);
    return neighbour;
  }
}
