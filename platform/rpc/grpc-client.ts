// Calls to a service in another process, over gRPC.
import { Metadata, type Client as GrpcChannel, type ServiceError } from "@grpc/grpc-js";
import { fromBinary, toBinary, type DescMethod, type DescService, type Message } from "@bufbuild/protobuf";
import { isOfOperators } from "#platform/operations/traffic.ts";
import { bodyHash, signCall } from "#platform/auth/service-proof.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { isFailure, toAppError } from "#platform/kit/errors.ts";
import { faultHeader } from "#platform/kit/fault-rules.ts";
import { failpoint, hasFailpoints } from "#platform/kit/failpoint.ts";
import {
  startSpan,
  traceFrom,
  traceHeaders,
  unrecordedSpan,
  type TraceContext,
} from "#platform/telemetry/trace.ts";
import { assertOutsideTransaction } from "#platform/database/transaction-scope.ts";
import { tellClientAddress } from "./client-address.ts";
import type { CallOptions, Client } from "./contract.ts";
import { copyMessage } from "./copy.ts";
import type { GrpcTls } from "./grpc-tls.ts";
import { GrpcWay } from "./grpc-way.ts";
import type { NeighbourGuard } from "./neighbour.ts";
import { isRepeatable, leftForCallMs, limitMsOf } from "./patience.ts";
import { measuringCall } from "./rpc-status.ts";
import { Scope } from "./scope.ts";
import { errorOfStatus, isOfTheWay } from "./status.ts";

/** Header names of the wire, beside the standard ones. */
export const headers = {
  requestId: "x-request-id",
  traceparent: "traceparent",
  service: "x-stoa-service",
  currency: "x-stoa-currency",
  userAgent: "x-stoa-user-agent",
  fault: faultHeader,
} as const;

export interface GrpcClientOptions {
  /** host:port, http://host:port, https://host:port or dns:///host:port. */
  readonly url: string;
  /** The service that calls. */
  readonly caller: string;
  /** The service that is called, where its name is wanted in what is measured. */
  readonly service?: string | undefined;
  /** The name that the certificate at the other end must be good for; that of the URL by default. */
  readonly host?: string | undefined;
  /** Key all services of the shop share; proves the caller's name. */
  readonly serviceKey: string;
  /** Base currency of the shop; told with each call, so that a service of another one refuses it. */
  readonly currency?: string;
  readonly clock: Clock;
  /** The neighbour is somebody else's: it is told neither who calls nor for whom. */
  readonly isForeign?: boolean | undefined;
  /** Undefined for plaintext. */
  readonly tls?: GrpcTls | undefined;
  /** The longest that one call may take, tries included; by default as long as its kind of RPC may. */
  readonly patienceMs?: number | undefined;
  /** The way that all clients of one neighbour share, and its guard; without it a client has a way of its own, unguarded. */
  readonly neighbour?: { readonly way: GrpcWay; readonly guard: NeighbourGuard } | undefined;
}

/** A typed client, and the way to close it. */
export function createGrpcClient<S extends DescService>(
  descriptor: S,
  options: GrpcClientOptions,
): { readonly client: Client<S>; readonly close: () => void } {
  const own = options.neighbour ? undefined : new GrpcWay(options);
  const way = options.neighbour?.way ?? own;
  if (!way) throw new Error("A client without a way was made.");
  const client: Record<string, unknown> = {};
  for (const method of descriptor.methods) {
    client[method.localName] = (request: object, call: CallOptions = {}) =>
      callRemote(way, options, method, request, call);
  }
  return { client: client as Client<S>, close: () => own?.close() };
}

// eslint-disable-next-line max-params -- private, called once
async function callRemote(
  way: GrpcWay,
  peer: GrpcClientOptions,
  method: DescMethod,
  request: object,
  options: CallOptions,
): Promise<Message> {
  assertOutsideTransaction(method.name);
  const input = copyMessage(method.input, request);
  const { clock, neighbour, patienceMs } = peer;
  const limitMs = Math.min(limitMsOf(method, options, patienceMs), leftForCallMs(options));
  const scope = new Scope(clock, limitMs, options.scope);
  const parent = options.trace ?? traceFrom(undefined);
  const { typeName } = method.parent;
  const isLook = isOfOperators(typeName);
  const span = isLook
    ? unrecordedSpan(parent)
    : startSpan(peer.caller, `${typeName}/${method.name}`, "client", parent);
  let failed = true;
  try {
    const body = asBuffer(toBinary(method.input, input));
    const sent = { ...options, body, path: pathOf(method) };
    const attempt = () => send(way.channel, method, body, metadataOf(peer, sent, span.trace), scope, clock);
    const call = { scope, isRepeatable: isRepeatable(method, input) };
    const alone = peer.service === undefined ? attempt : measured(peer, peer.service, attempt);
    const answer = await (neighbour ? neighbour.guard.call(attempt, call) : alone());
    failed = false;
    if (!neighbour) way.note(true);
    return answer;
  } catch (error) {
    const failure = scope.ended ?? toAppError(error);
    failed = isFailure(failure.kind);
    if (!neighbour && failure.kind !== "canceled") way.note(failure !== scope.ended && !isOfTheWay(failure));
    throw failure;
  } finally {
    scope.close();
    span.end({ failed });
    // The caller's own crash: the other process has done what it was asked, and nobody has heard of it.
    if (hasFailpoints()) await failpoint(`${peer.caller}.${method.name}.answered`);
  }
}

// eslint-disable-next-line max-params -- private, called once
function send(
  channel: GrpcChannel,
  method: DescMethod,
  body: Buffer,
  metadata: Metadata,
  scope: Scope,
  clock: Clock,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    if (scope.ended) return reject(scope.ended);
    const deadline = clock.now().getTime() + scope.remainingMs;
    const settle = (error: ServiceError | null, answer?: Message) => {
      detach();
      if (error) reject(errorOfStatus(error.code, error.details, binaryDetails(error.metadata)));
      else if (answer) resolve(answer);
    };
    const parse = (bytes: Buffer) => fromBinary(method.output, bytes);
    const call = channel.makeUnaryRequest(pathOf(method), asIs, parse, body, metadata, { deadline }, settle);
    const detach = scope.onEnd(() => call.cancel());
  });
}

/** What a guard does not stand before is measured all the same. */
function measured({ caller, clock }: GrpcClientOptions, neighbour: string, attempt: () => Promise<Message>) {
  return () => measuringCall({ caller, neighbour, clock }, attempt);
}

function metadataOf(
  peer: GrpcClientOptions,
  options: CallOptions & { readonly body: Buffer; readonly path: string },
  trace: TraceContext,
): Metadata {
  const metadata = new Metadata();
  const { body, path: method, token } = options;
  const { baggage, ...carried } = traceHeaders(trace);
  for (const [name, value] of Object.entries(carried)) metadata.set(name, value);
  if (options.requestId !== undefined) metadata.set(headers.requestId, options.requestId);
  if (peer.isForeign) return metadata;
  if (baggage !== undefined) metadata.set("baggage", baggage);
  const hash = bodyHash(body);
  const proven = { method, bodyHash: hash, said: [token] };
  metadata.set(headers.service, signCall(peer.caller, peer.serviceKey, peer.clock.now().getTime(), proven));
  if (peer.currency !== undefined) metadata.set(headers.currency, peer.currency);
  const askedFault = options.scope?.askedFault;
  if (askedFault !== undefined) metadata.set(headers.fault, askedFault);
  if (options.token !== undefined) metadata.set("authorization", `Bearer ${options.token}`);
  if (options.userAgent !== undefined) metadata.set(headers.userAgent, plainAgent(options.userAgent));
  if (options.clientAddress !== undefined)
    tellClientAddress(metadata, options.clientAddress, peer, { path: method, bodyHash: hash, token });
  return metadata;
}

/** What fits into metadata of it: its maker may have written anything. */
function plainAgent(userAgent: string): string {
  return userAgent.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

/** Our details of a refusal, if it has some. */
export function binaryDetails(metadata: Metadata | undefined): Uint8Array | undefined {
  const [value] = metadata?.get("grpc-status-details-bin") ?? [];
  return Buffer.isBuffer(value) ? value : undefined;
}

/** The path of an RPC on the wire. */
export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** grpc-js wants Buffers; a view costs nothing. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
