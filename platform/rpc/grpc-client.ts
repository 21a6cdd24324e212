// Calls to a service in another process, over gRPC.
import {
  Client as GrpcChannel,
  Metadata,
  credentials,
  type ChannelCredentials,
  type ServiceError,
} from "@grpc/grpc-js";
import { fromBinary, toBinary, type DescMethod, type DescService, type Message } from "@bufbuild/protobuf";
import { bodyHash, signCall } from "#platform/auth/service-proof.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { toAppError } from "#platform/kit/errors.ts";
import { failpoint, hasFailpoints } from "#platform/kit/failpoint.ts";
import { startSpan, traceFrom, traceparentOf } from "#platform/telemetry/trace.ts";
import { assertOutsideTransaction } from "#platform/database/transaction-scope.ts";
import { tellClientAddress } from "./client-address.ts";
import type { CallOptions, Client } from "./contract.ts";
import { copyMessage } from "./copy.ts";
import type { GrpcTls } from "./grpc-tls.ts";
import { Scope, timeoutMsDefault } from "./scope.ts";
import { errorOfStatus } from "./status.ts";

/** Header names of the wire, beside the standard ones. */
export const headers = {
  requestId: "x-request-id",
  traceparent: "traceparent",
  service: "x-stoa-service",
  currency: "x-stoa-currency",
} as const;

export interface GrpcClientOptions {
  /** host:port, http://host:port, https://host:port or dns:///host:port. */
  readonly url: string;
  /** The service that calls. */
  readonly caller: string;
  /** Key all services of the shop share; proves the caller's name. */
  readonly serviceKey: string;
  /** Base currency of the shop; told with each call, so that a service of another one refuses it. */
  readonly currency?: string;
  readonly clock: Clock;
  /** Undefined for plaintext. */
  readonly tls?: GrpcTls | undefined;
}

const channelOptions = {
  // Kubernetes gives one name many addresses; use them all.
  "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
};

/** A typed client over one shared channel, and the way to close it. */
export function createGrpcClient<S extends DescService>(
  descriptor: S,
  options: GrpcClientOptions,
): { readonly client: Client<S>; readonly close: () => void } {
  const channel = new GrpcChannel(targetOf(options.url), channelCredentials(options.tls), channelOptions);
  const client: Record<string, unknown> = {};
  for (const method of descriptor.methods) {
    client[method.localName] = (request: object, call: CallOptions = {}) =>
      callRemote(channel, options, method, request, call);
  }
  return { client: client as Client<S>, close: () => channel.close() };
}

// eslint-disable-next-line max-params -- private, called once
async function callRemote(
  channel: GrpcChannel,
  peer: GrpcClientOptions,
  method: DescMethod,
  request: object,
  options: CallOptions,
): Promise<Message> {
  assertOutsideTransaction(method.name);
  const input = copyMessage(method.input, request);
  const { clock } = peer;
  const scope = new Scope(
    clock,
    options.timeoutMs ?? options.scope?.remainingMs ?? timeoutMsDefault,
    options.scope,
  );
  const span = startSpan(
    peer.caller,
    `${method.parent.typeName}/${method.name}`,
    "client",
    options.trace ?? traceFrom(undefined),
  );
  let failed = true;
  try {
    const body = asBuffer(toBinary(method.input, input));
    const metadata = metadataOf(peer, { ...options, body, path: pathOf(method) }, traceparentOf(span.trace));
    const answer = await send(channel, method, body, metadata, scope, clock);
    failed = false;
    return answer;
  } catch (error) {
    throw scope.ended ?? toAppError(error);
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

function metadataOf(
  peer: GrpcClientOptions,
  options: CallOptions & { readonly body: Buffer; readonly path: string },
  traceparent: string,
): Metadata {
  const metadata = new Metadata();
  const { body, path: method, token } = options;
  const hash = bodyHash(body);
  const proven = { method, bodyHash: hash, said: [token] };
  metadata.set(headers.service, signCall(peer.caller, peer.serviceKey, peer.clock.now().getTime(), proven));
  metadata.set(headers.traceparent, traceparent);
  if (peer.currency !== undefined) metadata.set(headers.currency, peer.currency);
  if (options.token !== undefined) metadata.set("authorization", `Bearer ${options.token}`);
  if (options.clientAddress !== undefined)
    tellClientAddress(metadata, options.clientAddress, peer, { path: method, bodyHash: hash, token });
  if (options.requestId !== undefined) metadata.set(headers.requestId, options.requestId);
  return metadata;
}

function binaryDetails(metadata: Metadata | undefined): Uint8Array | undefined {
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

/** How channels are made: over TLS, or in plaintext without it. */
export function channelCredentials(tls: GrpcTls | undefined): ChannelCredentials {
  return tls?.channel ?? credentials.createInsecure();
}

/** What grpc-js dials for a configured URL. */
export function targetOf(url: string): string {
  if (url.startsWith("dns:")) return url;
  return `dns:///${url.replace(/^[a-z]+:\/\//, "").replace(/\/$/, "")}`;
}
