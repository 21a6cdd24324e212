// One gRPC port for services in many processes: each call goes on, byte for byte, to the process that answers its contract.
import {
  Client,
  Server,
  type ServerUnaryCall,
  type ServiceDefinition,
  type ServiceError,
  type sendUnaryData,
} from "@grpc/grpc-js";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { bodyHash } from "#platform/auth/service-proof.ts";
import { pause, type Clock } from "#platform/kit/clock.ts";
import { toAppError } from "#platform/kit/errors.ts";
import { addressOfPeer, forgetClientAddress, tellClientAddress } from "./client-address.ts";
import { headers, pathOf } from "./grpc-client.ts";
import { channelCredentials, targetOf } from "./grpc-way.ts";
import { GrpcHealth, openHealthProbe, type HealthProbe, type Serving } from "./grpc-health.ts";
import { openGrpcPort, type GrpcPortOptions } from "./grpc-port.ts";
import { bearerOf, serviceErrorOf, type GrpcListener } from "./grpc-server.ts";
import type { ForeignLimits } from "./foreign-contract.ts";
import { addReflection } from "./reflection.ts";

/** TLS of the port is that of the way to the processes behind it too. */
export interface GrpcFrontOptions extends GrpcPortOptions {
  /** Each contract, and host:port of the process that answers it. */
  readonly contracts: readonly { readonly descriptor: DescService; readonly url: string }[];
  /** Undefined when rate limits are off. Those behind see only this door, so it is here that callers are counted. */
  readonly limits?: ForeignLimits | undefined;
  /** Proves to those behind where a caller is. */
  readonly serviceKey: string;
}

type Forward = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => void;

/** Opens the front door. It serves health and reflection itself; proofs of service names from outside do not pass. */
export async function openGrpcFront(options: GrpcFrontOptions): Promise<GrpcListener> {
  const server = new Server();
  const behind = new Behind(options);
  behind.health.addTo(server);
  addReflection(
    server,
    options.contracts.map(({ descriptor }) => descriptor),
  );
  const channels = new Map<string, Client>();
  for (const { descriptor, url } of options.contracts) {
    const channel = channels.get(url) ?? new Client(targetOf(url), channelCredentials(options.tls));
    channels.set(url, channel);
    const definition: Record<string, ServiceDefinition[string]> = {};
    const handlers: Record<string, Forward> = {};
    for (const method of descriptor.methods) {
      definition[method.name] = rawDefinition(method);
      handlers[method.name] = forwardTo(channel, method, options);
    }
    server.addService(definition, handlers);
  }
  const opened = await openGrpcPort(server, options);
  return {
    ...opened,
    setServing: (isServing) => behind.setServing(isServing),
    refreshHealth: () => behind.health.refresh(),
    close: async (graceMs) => {
      await opened.close(graceMs);
      behind.close();
      for (const channel of channels.values()) channel.close();
    },
  };
}

const lookEveryMs = 1_000;
const lookMaxMs = 1_000;

/** What those behind the door say of themselves: it is asked for behind whoever asks the door. */
class Behind {
  readonly health: GrpcHealth;
  readonly #probes = new Map<string, HealthProbe>();
  readonly #seen = new Map<string, Serving>();
  readonly #stop = new AbortController();
  #isOpen = true;

  constructor({ contracts, clock, tls }: GrpcFrontOptions) {
    const urls = new Map(contracts.map(({ descriptor, url }) => [descriptor.typeName, url]));
    for (const url of urls.values())
      if (!this.#probes.has(url)) this.#probes.set(url, openHealthProbe(url, clock, tls));
    this.health = new GrpcHealth([...urls.keys()], (contract) => this.#of(urls.get(contract)));
    void this.#look(clock);
  }

  setServing(isServing: boolean): void {
    this.#isOpen = isServing;
    this.health.refresh();
  }

  close(): void {
    this.#stop.abort();
    for (const probe of this.#probes.values()) probe.close();
  }

  #of(url: string | undefined): Serving {
    if (!this.#isOpen) return { isServing: false, lacks: ["It is ending."] };
    return (url === undefined ? undefined : this.#seen.get(url)) ?? { isServing: true, lacks: [] };
  }

  async #look(clock: Clock): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await Promise.all(
        [...this.#probes].map(async ([url, probe]) => {
          const silent = { isServing: false, lacks: ["It does not answer."] };
          this.#seen.set(url, (await probe.look(lookMaxMs)) ?? silent);
        }),
      );
      if (this.#stop.signal.aborted) return;
      this.health.refresh();
      await pause(clock, lookEveryMs, this.#stop.signal);
    }
  }
}

function forwardTo(channel: Client, method: DescMethod, front: GrpcFrontOptions): Forward {
  return (call, callback) => {
    try {
      front.limits?.take(method, call.getPeer(), call.request.length);
    } catch (error) {
      return callback(serviceErrorOf(toAppError(error)), null);
    }
    const metadata = call.metadata.clone();
    metadata.remove(headers.service);
    forgetClientAddress(metadata);
    tellClientAddress(
      metadata,
      addressOfPeer(call.getPeer()),
      { caller: "front", serviceKey: front.serviceKey, clock: front.clock },
      {
        path: pathOf(method),
        bodyHash: bodyHash(call.request),
        token: bearerOf(metadata.get("authorization")[0]?.toString()),
      },
    );
    const settle = (error: ServiceError | null, answer?: Buffer) => callback(error, answer ?? null);
    const options = { deadline: call.getDeadline() };
    const onward = channel.makeUnaryRequest(
      pathOf(method),
      asIs,
      asIs,
      call.request,
      metadata,
      options,
      settle,
    );
    call.on("cancelled", () => onward.cancel());
  };
}

function rawDefinition(method: DescMethod): ServiceDefinition[string] {
  return {
    path: pathOf(method),
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
