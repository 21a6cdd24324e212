// This process among those of the shop: what it tells of itself, and how its services ask the others.
import { OperationsService } from "#gen/stoa/platform/v1/operations_pb.js";
import { ProcessService } from "#gen/stoa/platform/v1/process_pb.js";
import type { TokenVerifier } from "#platform/auth/token.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { ServiceHealth } from "#platform/kit/service.ts";
import type { Client } from "#platform/rpc/contract.ts";
import { Dispatcher } from "#platform/rpc/dispatcher.ts";
import { createGrpcClient } from "#platform/rpc/grpc-client.ts";
import type { GrpcTls } from "#platform/rpc/grpc-tls.ts";
import { createLocalClient, type LocalPeer } from "#platform/rpc/local.ts";
import type { NeighbourState } from "#platform/rpc/neighbour.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Place } from "./places.ts";
import { bindProcess } from "./process-rpcs.ts";
import { ShopProcesses } from "./processes.ts";

/** What the runner knows that holds the services of this process. */
export interface OwnProcessOptions {
  readonly services: readonly { readonly name: string; readonly database?: string }[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly shop: { readonly serviceKey: string; readonly currency: string };
  readonly grpcTls?: GrpcTls | undefined;
  readonly verifier: () => TokenVerifier;
  readonly health: () => Promise<readonly ServiceHealth[]>;
  readonly neighbours: () => readonly NeighbourState[];
  readonly faults?: (() => readonly string[]) | undefined;
  /** A client of a service in this process. */
  readonly operations: (service: string, caller: string) => Client<typeof OperationsService>;
}

/** Answers ProcessService for the process as a whole, and opens the way to all the others for whoever watches the shop. */
export class OwnProcess {
  readonly #options: OwnProcessOptions;
  readonly #closers: (() => void)[] = [];
  #peer: LocalPeer | undefined;

  constructor(options: OwnProcessOptions) {
    this.#options = options;
  }

  /** What answers. */
  get peer(): LocalPeer {
    return (this.#peer ??= this.#open());
  }

  /** The processes of the shop, as `caller` asks them. It is closed with this process. */
  watch(caller: string, places: readonly Place[]): ShopProcesses {
    const { services, clock, shop, grpcTls: tls, operations } = this.#options;
    const { serviceKey, currency } = shop;
    const processes = new ShopProcesses({
      self: {
        process: createLocalClient(ProcessService, { caller, clock, peer: () => this.peer }),
        services: services.map(({ name }) => name),
        operations: (service) => {
          const own = services.find(({ name, database }) => name === service && database !== undefined);
          return own && operations(service, caller);
        },
      },
      places,
      open: (url, host) => {
        const options = { url, host, caller, serviceKey, currency, clock, tls };
        const process = createGrpcClient(ProcessService, options);
        const operations = createGrpcClient(OperationsService, options);
        const close = () => {
          process.close();
          operations.close();
        };
        return { process: process.client, operations: operations.client, close };
      },
      clock,
    });
    this.#closers.push(() => processes.close());
    return processes;
  }

  close(): void {
    for (const close of this.#closers) close();
  }

  #open(): LocalPeer {
    const { services, clock, log, shop, verifier, health, neighbours, faults } = this.#options;
    const names = services.map(({ name }) => name);
    const own = bindProcess({ services: names, clock, health, neighbours, faults });
    this.#closers.push(() => own.close());
    const service = names[0] ?? "process";
    const dispatcher = new Dispatcher({ service, clock, log, verifier: verifier(), currency: shop.currency });
    return { bound: own.bound, dispatcher };
  }
}
