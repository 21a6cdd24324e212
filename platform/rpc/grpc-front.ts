// One gRPC port for services in many processes: each call goes on, byte for byte, to the process that answers its contract.
import {
  Server,
  type Metadata,
  type ServerUnaryCall,
  type ServiceDefinition,
  type ServiceError,
  type sendUnaryData,
} from "@grpc/grpc-js";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { bodyHash } from "#platform/auth/service-proof.ts";
import { pause, type Clock } from "#platform/kit/clock.ts";
import { AppError } from "#platform/kit/errors.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { addressOfPeer, forgetClientAddress, tellClientAddress } from "./client-address.ts";
import { binaryDetails, headers, pathOf } from "./grpc-client.ts";
import { GrpcWay, messageBytesMax } from "./grpc-way.ts";
import { GrpcHealth, openHealthProbe, type HealthProbe, type Serving } from "./grpc-health.ts";
import { openGrpcPort, type GrpcPortOptions } from "./grpc-port.ts";
import { bearerOf, serviceErrorOf, timeoutOf, type GrpcListener } from "./grpc-server.ts";
import { NeighbourGuard } from "./neighbour.ts";
import { isRepeatable, withMargin } from "./patience.ts";
import { Scope } from "./scope.ts";
import { errorOfStatus, isOfTheWay } from "./status.ts";
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
  readonly log: Logger;
}

/** The way to one process behind the door. */
interface WayBehind {
  readonly way: GrpcWay;
  readonly guard: NeighbourGuard;
}

const serverOptions = {
  "grpc.max_concurrent_streams": 1000,
  "grpc.max_receive_message_length": messageBytesMax,
  "grpc.max_send_message_length": messageBytesMax,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
};

type Forward = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => void;

/** Opens the front door. It serves health and reflection itself; proofs of service names from outside do not pass. */
export async function openGrpcFront(options: GrpcFrontOptions): Promise<GrpcListener> {
  const server = new Server(serverOptions);
  const behind = new Behind(options);
  behind.health.addTo(server);
  addReflection(
    server,
    options.contracts.map(({ descriptor }) => descriptor),
  );
  const ways = new Map<string, WayBehind>();
  for (const { descriptor, url } of options.contracts) {
    const way = ways.get(url) ?? openWay(url, descriptor, options);
    ways.set(url, way);
    const definition: Record<string, ServiceDefinition[string]> = {};
    const handlers: Record<string, Forward> = {};
    for (const method of descriptor.methods) {
      definition[method.name] = rawDefinition(method);
      handlers[method.name] = forwardTo(way, method, options);
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
      for (const { way, guard } of ways.values()) {
        guard.close();
        way.close();
      }
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

function openWay(url: string, { typeName }: DescService, { clock, tls, log }: GrpcFrontOptions): WayBehind {
  const way = new GrpcWay({ url, clock, tls });
  const guard = new NeighbourGuard({
    caller: "front",
    // The process answers for one service, whichever of its contracts stands first.
    neighbour:
      typeName
        .split(".")
        .at(-1)
        ?.replace(/Service$/, "")
        .toLowerCase() ?? url,
    clock,
    log,
    knock: (timeoutMs) => way.isAlive(timeoutMs),
    dialAnew: () => way.dialAnew(),
  });
  return { way, guard };
}

function forwardTo(behind: WayBehind, method: DescMethod, front: GrpcFrontOptions): Forward {
  return (call, callback) => void answer(countedAndPassedOn(behind, method, front, call), callback);
}

async function countedAndPassedOn(
  behind: WayBehind,
  method: DescMethod,
  front: GrpcFrontOptions,
  call: Parameters<Forward>[0],
): Promise<Buffer> {
  await front.limits?.take(method, call.getPeer(), call.request.length);
  return await passOn(behind, method, front, call);
}

async function answer(passed: Promise<Buffer>, callback: sendUnaryData<Buffer>): Promise<void> {
  try {
    callback(null, await passed);
  } catch (error) {
    callback(error instanceof AppError ? serviceErrorOf(error) : (error as ServiceError), null);
  }
}

/** What is answered behind the door, refusals as they came; or an AppError when nothing was. */
async function passOn(
  { way, guard }: WayBehind,
  method: DescMethod,
  front: GrpcFrontOptions,
  call: ServerUnaryCall<Buffer, Buffer>,
): Promise<Buffer> {
  const scope = new Scope(front.clock, withMargin(timeoutOf(call, front.clock)));
  call.on("cancelled", () => scope.cancel());
  const metadata = forwardedMetadata(method, front, call);
  const attempt = () => send(way, method, { body: call.request, metadata, scope, clock: front.clock });
  try {
    return await guard.call(attempt, { scope, isRepeatable: isRepeatable(method) });
  } finally {
    scope.close();
  }
}

interface Sent {
  readonly body: Buffer;
  readonly metadata: Metadata;
  readonly scope: Scope;
  readonly clock: Clock;
}

function send(way: GrpcWay, method: DescMethod, { body, metadata, scope, clock }: Sent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (scope.ended) return reject(scope.ended);
    const deadline = clock.now().getTime() + scope.remainingMs;
    const settle = (error: ServiceError | null, answer?: Buffer) => {
      detach();
      if (!error) return resolve(answer ?? Buffer.alloc(0));
      const said = errorOfStatus(error.code, error.details, binaryDetails(error.metadata));
      reject(scope.ended ?? (isOfTheWay(said) ? said : error));
    };
    const path = pathOf(method);
    const onward = way.channel.makeUnaryRequest(path, asIs, asIs, body, metadata, { deadline }, settle);
    const detach = scope.onEnd(() => onward.cancel());
  });
}

/** As it came, without what nobody outside may say, and with where the caller is. */
function forwardedMetadata(
  method: DescMethod,
  front: GrpcFrontOptions,
  call: ServerUnaryCall<Buffer, Buffer>,
): Metadata {
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
  return metadata;
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
