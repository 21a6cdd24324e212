// Health over gRPC (grpc.health.v1), as it is told and as it is asked.
import {
  Metadata,
  status,
  type MethodDefinition,
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
} from "@grpc/grpc-js";
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type Message,
} from "@bufbuild/protobuf";
import {
  Health,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
  type HealthCheckRequest,
  type HealthCheckResponse,
} from "#gen/grpc/health/v1/health_pb.js";
import type { Clock } from "#platform/kit/clock.ts";
import { asBuffer, pathOf } from "./grpc-client.ts";
import type { GrpcTls } from "./grpc-tls.ts";
import { GrpcWay } from "./grpc-way.ts";

/** How one service, or the process, does. */
export interface Serving {
  readonly isServing: boolean;
  /** Full sentences about what it has to do without; they say nothing that must not be known. */
  readonly lacks: readonly string[];
}

/** What a look at a service elsewhere has found; undefined when it did not answer in time. */
export type ProbeAnswer = Serving | undefined;

/** A probe over one kept connection; a new one when two looks in a row were in vain. */
export interface HealthProbe {
  /** Asks for the service as a whole; never rejects. */
  look(timeoutMs: number): Promise<ProbeAnswer>;
  /** True when it answers SERVING in time; never rejects. */
  isServing(timeoutMs: number): Promise<boolean>;
  close(): void;
}

/** Metadata of an answer to Check: what is lacking, as a JSON list. Other clients never look at it. */
const lacksKey = "stoa-lacks-bin";

/** The health of a gRPC server. `of` tells how the named contract is served; "" is the process as a whole. */
export class GrpcHealth {
  readonly #names: ReadonlySet<string>;
  readonly #of: (name: string) => Serving;
  readonly #told = new Map<string, ServingStatus>();
  readonly #watching = new Map<string, Set<Watching>>();

  constructor(contracts: readonly string[], of: (name: string) => Serving) {
    this.#names = new Set(["", ...contracts]);
    this.#of = of;
    for (const name of this.#names) this.#told.set(name, statusOf(of(name)));
  }

  /** Answers Check and List with what is true at that moment; Watch with what was true at the last `refresh`, and each change. */
  addTo(server: Server): void {
    const definition = Object.fromEntries(
      Health.methods.map((method) => [method.name, definitionOf(method)]),
    );
    server.addService(definition, {
      Check: (call: ServerUnaryCall<HealthCheckRequest, Message>, callback: sendUnaryData<Message>) =>
        this.#check(call, callback),
      List: (_call: unknown, callback: sendUnaryData<Message>) => callback(null, this.#list()),
      Watch: (call: Watching) => this.#watch(call),
    });
  }

  /** Tells those who watch, where something has changed. */
  refresh(): void {
    for (const name of this.#names) {
      const now = statusOf(this.#of(name));
      if (this.#told.get(name) === now) continue;
      this.#told.set(name, now);
      for (const call of this.#watching.get(name) ?? []) call.write(answerOf(now));
    }
  }

  #check(call: ServerUnaryCall<HealthCheckRequest, Message>, callback: sendUnaryData<Message>): void {
    const { service } = call.request;
    if (!this.#names.has(service))
      return callback({ code: status.NOT_FOUND, details: `No service ${service} is answered here.` });
    const found = this.#of(service);
    if (found.lacks.length > 0) {
      const told = new Metadata();
      told.set(lacksKey, Buffer.from(JSON.stringify(found.lacks)));
      call.sendMetadata(told);
    }
    callback(null, answerOf(statusOf(found)));
  }

  #list(): Message {
    const statuses = [...this.#names].map((name) => [name, answerOf(statusOf(this.#of(name)))] as const);
    return create(HealthListResponseSchema, { statuses: Object.fromEntries(statuses) });
  }

  /** A service that is not known may be one day: the question stays open. */
  #watch(call: Watching): void {
    const { service } = call.request;
    const told = this.#told.get(service);
    call.write(answerOf(told ?? ServingStatus.SERVICE_UNKNOWN));
    if (told === undefined) return;
    const watching = this.#watching.get(service) ?? new Set();
    this.#watching.set(service, watching.add(call));
    call.on("cancelled", () => watching.delete(call));
  }
}

type Watching = ServerWritableStream<HealthCheckRequest, Message>;

const ServingStatus = HealthCheckResponse_ServingStatus;
type ServingStatus = HealthCheckResponse_ServingStatus;

function statusOf({ isServing }: Serving): ServingStatus {
  return isServing ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
}

function answerOf(now: ServingStatus): HealthCheckResponse {
  return create(HealthCheckResponseSchema, { status: now });
}

function definitionOf(method: DescMethod): MethodDefinition<Message, Message> {
  const serialize = (schema: DescMessage) => (message: Message) => asBuffer(toBinary(schema, message));
  const deserialize = (schema: DescMessage) => (bytes: Buffer) => fromBinary(schema, bytes);
  return {
    path: pathOf(method),
    requestStream: false,
    responseStream: method.methodKind === "server_streaming",
    requestSerialize: serialize(method.input),
    requestDeserialize: deserialize(method.input),
    responseSerialize: serialize(method.output),
    responseDeserialize: deserialize(method.output),
  };
}

/** HealthCheckResponse { status: SERVING }, the only answer that counts as such. */
const serving = Buffer.from([0x08, 0x01]);

/** Opens a probe of the service at `url` as a whole. */
export function openHealthProbe(url: string, clock: Clock, tls?: GrpcTls): HealthProbe {
  const way = new GrpcWay({ url, clock, tls });
  const asBytes = (bytes: Buffer) => bytes;
  const look = (timeoutMs: number) =>
    new Promise<ProbeAnswer>((resolve) => {
      const deadline = clock.now().getTime() + timeoutMs;
      let lacks: readonly string[] = [];
      const settle = (error: ServiceError | null, answer?: Buffer) => {
        way.note(!error || error.code === status.UNIMPLEMENTED);
        // Somebody else's service need not know the question: that it says so is an answer.
        if (error?.code === status.UNIMPLEMENTED) resolve({ isServing: true, lacks });
        else resolve(error || !answer ? undefined : { isServing: answer.equals(serving), lacks });
      };
      const path = "/grpc.health.v1.Health/Check";
      way.channel
        .makeUnaryRequest(path, asBytes, asBytes, Buffer.alloc(0), { deadline }, settle)
        .on("metadata", (told: Metadata) => (lacks = parseLacks(told.get(lacksKey)[0])));
    });
  return {
    look,
    isServing: async (timeoutMs) => (await look(timeoutMs))?.isServing === true,
    close: () => way.close(),
  };
}

/** Whoever answers there may be somebody else's service: what it tells is a few short texts, or nothing. */
function parseLacks(bytes: unknown): string[] {
  if (!Buffer.isBuffer(bytes)) return [];
  try {
    const told: unknown = JSON.parse(bytes.toString());
    if (!Array.isArray(told)) return [];
    return told.filter((one) => typeof one === "string" && one.length <= 300).slice(0, 20) as string[];
  } catch {
    return [];
  }
}
