// The gRPC listener: any number of services, health and reflection on one port.
import {
  Metadata,
  Server,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { fromBinary, toBinary, type DescMethod, type Message } from "@bufbuild/protobuf";
import { bodyHash, verifyCall } from "#platform/auth/service-proof.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { appError, invalid, toAppError, type AppError } from "#platform/kit/errors.ts";
import { askedFault, isInjectedSilence, mayInjectFaults } from "#platform/kit/faults.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import { addressOfPeer, toldClientAddress } from "./client-address.ts";
import type { BoundService } from "./contract.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { asBuffer, headers, pathOf } from "./grpc-client.ts";
import { requireOrdinarySize, type ForeignLimits } from "./foreign-contract.ts";
import { GrpcHealth, type Serving } from "./grpc-health.ts";
import { messageBytesMax } from "./grpc-way.ts";
import { openGrpcPort, type GrpcPort, type GrpcPortOptions } from "./grpc-port.ts";
import { addReflection } from "./reflection.ts";
import { Scope, timeoutMsDefault } from "./scope.ts";
import { statusOf } from "./status.ts";

export interface GrpcServerOptions extends GrpcPortOptions {
  readonly services: readonly { readonly bound: BoundService; readonly dispatcher: Dispatcher }[];
  readonly serviceKey: string;
  /** How long a connection lasts; half a minute by default. */
  readonly connectionAgeMs?: number | undefined;
  /** Undefined when rate limits are off. */
  readonly limits?: ForeignLimits | undefined;
  /** How a service of this process does, or all of them together (undefined); absent where nobody looks. */
  readonly health?: (service: string | undefined) => Serving;
}

export interface GrpcListener extends GrpcPort {
  /** False: grpc.health.v1 answers NOT_SERVING for "" and every contract. True: it answers what `health` says, at first and later. */
  setServing(isServing: boolean): void;
  /** Tells those who watch what has changed. */
  refreshHealth(): void;
}

const serverOptions = {
  "grpc.max_concurrent_streams": 1000,
  "grpc.max_receive_message_length": messageBytesMax,
  "grpc.max_send_message_length": messageBytesMax,
  // Longer than any call: what is under way on a connection that ends is answered.
  "grpc.max_connection_age_grace_ms": 60_000,
  // Callers that are gone without a word give their connections back.
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
};

/** A connection ends after so long, give or take a tenth, so that callers look up the name again and find new replicas. */
const connectionAgeMsDefault = 30_000;

/** Opens the listener. Rejects with one sentence when the port is taken. */
export async function openGrpcServer(options: GrpcServerOptions): Promise<GrpcListener> {
  const { connectionAgeMs = connectionAgeMsDefault } = options;
  const server = new Server({ ...serverOptions, "grpc.max_connection_age_ms": connectionAgeMs });
  const owners = new Map(
    options.services.map(({ bound, dispatcher }) => [bound.descriptor.typeName, dispatcher.service]),
  );
  const { health: healthOf = () => well } = options;
  let isOpen = false;
  const health = new GrpcHealth([...owners.keys()], (contract) =>
    isOpen ? healthOf(owners.get(contract)) : closed,
  );
  health.addTo(server);
  for (const { bound, dispatcher } of options.services) addService(server, bound, dispatcher, options);
  addReflection(
    server,
    options.services.map(({ bound }) => bound.descriptor),
  );
  const setServing = (isServing: boolean) => {
    isOpen = isServing;
    health.refresh();
  };
  return { ...(await openGrpcPort(server, options)), setServing, refreshHealth: () => health.refresh() };
}

const well: Serving = { isServing: true, lacks: [] };
const closed: Serving = { isServing: false, lacks: ["It is starting or ending."] };

function addService(
  server: Server,
  bound: BoundService,
  dispatcher: Dispatcher,
  options: GrpcServerOptions,
): void {
  const definition: Record<string, ServiceDefinition[string]> = {};
  const handlers: Record<
    string,
    (call: ServerUnaryCall<Received, Message>, callback: sendUnaryData<Message>) => void
  > = {};
  for (const method of bound.descriptor.methods) {
    definition[method.name] = definitionOf(method);
    handlers[method.name] = (call, callback) =>
      void answer(bound, method, dispatcher, options, call, callback);
  }
  server.addService(definition, handlers);
}

/** A request, and the bytes it came in: proofs speak of these. Without a message, they are none. */
interface Received {
  readonly message: Message | undefined;
  readonly bytes: Buffer;
}

function definitionOf(method: DescMethod): ServiceDefinition[string] {
  return {
    path: pathOf(method),
    requestStream: false,
    responseStream: false,
    requestSerialize: ({ bytes }: Received) => bytes,
    requestDeserialize: (bytes: Buffer): Received => ({ message: messageOf(method, bytes), bytes }),
    responseSerialize: (message: Message) => asBuffer(toBinary(method.output, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
  };
}

/** Not thrown here: the library would call it an error of ours. */
function messageOf(method: DescMethod, bytes: Buffer): Message | undefined {
  try {
    return fromBinary(method.input, bytes);
  } catch {
    return undefined;
  }
}

// eslint-disable-next-line max-params -- private, called once
async function answer(
  bound: BoundService,
  method: DescMethod,
  dispatcher: Dispatcher,
  options: GrpcServerOptions,
  call: ServerUnaryCall<Received, Message>,
  callback: sendUnaryData<Message>,
): Promise<void> {
  const scope = new Scope(options.clock, timeoutOf(call, options.clock));
  call.on("cancelled", () => scope.cancel());
  callsUnderWay += 1;
  try {
    requireRoom(callsUnderWay);
    const { message: request, bytes } = call.request;
    await options.limits?.take(method, call.getPeer(), bytes.length);
    requireOrdinarySize(method, bytes.length);
    if (!request)
      throw invalid([
        { path: "", message: `The bytes are no ${method.input.typeName} with texts in UTF-8.` },
      ]);
    const text = (name: string) => call.metadata.get(name)[0]?.toString();
    if (mayInjectFaults()) scope.askedFault = askedFault(text(headers.fault));
    const token = bearerOf(text("authorization"));
    const service = provenService(options, text(headers.service), {
      method,
      token,
      bytes,
    });
    const message = await dispatcher.dispatch(bound, method, request, {
      token,
      requestId: cleanRequestId(text(headers.requestId)),
      trace: traceFrom(text(headers.traceparent), {
        tracestate: text("tracestate"),
        baggage: text("baggage"),
      }),
      currency: text(headers.currency),
      service,
      userAgent: text(service === undefined ? "user-agent" : headers.userAgent),
      clientAddress:
        toldClientAddress(call.metadata, options, {
          path: pathOf(method),
          token,
          bodyHash: () => bodyHash(bytes),
        }) ?? (service === undefined ? addressOfPeer(call.getPeer()) : undefined),
      scope,
    });
    callback(null, message);
  } catch (error) {
    callback(serviceErrorOf(toAppError(error)), null);
  } finally {
    scope.close();
    callsUnderWay -= 1;
  }
}

let callsUnderWay = 0;
/** Of all callers together; each service that calls keeps to 256. What is beyond would only wait, and cost memory. */
const callsUnderWayMax = 1_000;

/** Refuses at once what a process has no room for; nothing was done. */
export function requireRoom(underWay: number): void {
  if (underWay <= callsUnderWayMax) return;
  const publicMessage = "A part of the shop has more to do than it can right now. Try again in a moment.";
  throw appError("unavailable", "OVERLOADED", { publicMessage, retryAfterSeconds: 1 });
}

/** The service that proved to make just this call; a proof that is wrong counts as none. */
function provenService(
  { serviceKey, clock }: GrpcServerOptions,
  proof: string | undefined,
  { method, token, bytes }: { method: DescMethod; token: string | undefined; bytes: Buffer },
): string | undefined {
  if (proof === undefined) return undefined;
  const call = { method: pathOf(method), said: [token] };
  const proven = verifyCall(proof, serviceKey, clock.now().getTime(), call);
  return proven?.bodyHash === bodyHash(bytes) ? proven.service : undefined;
}

/** A refusal as grpc-js sends it: status, and the details in the trailers. */
export function serviceErrorOf(error: AppError) {
  const { code, message, details } = statusOf(error);
  const metadata = new Metadata();
  if (isInjectedSilence(error))
    return Object.assign(new Error(message), { code, details: message, metadata });
  metadata.set("grpc-status-details-bin", asBuffer(details));
  return Object.assign(new Error(message), { code, details: message, metadata });
}

/** How long the caller goes on waiting; ten seconds when it does not say. */
export function timeoutOf(
  call: Pick<ServerUnaryCall<unknown, unknown>, "getDeadline">,
  clock: Clock,
): number {
  const deadline = call.getDeadline();
  const atMs = typeof deadline === "number" ? deadline : deadline.getTime();
  return Number.isFinite(atMs) ? atMs - clock.now().getTime() : timeoutMsDefault;
}

/** The token of an Authorization header; a header of another scheme is refused when it reaches the verifier. */
export function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined || header === "") return undefined;
  return /^Bearer +(\S+)$/i.exec(header)?.[1] ?? "malformed";
}

/** A request id from outside, if it is one we would log. */
export function cleanRequestId(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w.:-]{1,128}$/.test(text) ? text : undefined;
}
