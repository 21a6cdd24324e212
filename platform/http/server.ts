// HTTP listeners: request ids, trace context, limits, metrics and a drain that loses no request.
import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import { Fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "./fastify.ts";
import { portFault } from "#platform/kit/port-fault.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { httpSeconds, registry } from "#platform/telemetry/metrics.ts";
import { cleanRequestId } from "#platform/rpc/grpc-server.ts";
import { startSpan, traceFrom, type Span, type TraceContext } from "#platform/telemetry/trace.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { Connections } from "./drain.ts";
import type { HttpTls } from "./http-tls.ts";

export type HttpApp = FastifyInstance;
export type HttpRequest = FastifyRequest;

declare module "fastify" {
  interface FastifyRequest {
    /** Where this request stands in its trace. */
    trace: TraceContext;
    span: Span | undefined;
  }
}

/** Bodies larger than this are refused with 413. */
export const bodyBytesMax = 64 * 1024;

export interface HttpServerOptions {
  readonly service: string;
  readonly log: Logger;
  /** While true, every answer asks its client to come back over another connection. */
  readonly isDraining?: () => boolean;
  /** Who is let in while the program opens; absent where everybody is. How the program does is told to everybody. */
  readonly opening?: { readonly isOver: boolean; lets(request: HttpRequest): boolean };
  /** Undefined, or without a certificate, for plaintext. */
  readonly tls?: HttpTls | undefined;
}

/**
 * A listener with everything but routes. Bodies are validated as they are: nothing is coerced, filled in or taken out. Slow and
 * oversized heads are cut off; a request that arrives while the listener closes is still answered.
 */
export function createHttpServer(options: HttpServerOptions): HttpApp {
  const connections = new Connections(systemClock);
  const app = Fastify({
    ...timeouts,
    serverFactory: serversOf(connections, options.tls),
    bodyLimit: bodyBytesMax,
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: false },
    // Ends are made by `drain`; what is left then is ended by Node.
    forceCloseConnections: false,
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: (request) => cleanRequestId(String(request.headers["x-request-id"] ?? "")) ?? newRandomId(),
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    trustProxy: false,
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: true },
    },
    frameworkErrors: refuseBadUrl,
    clientErrorHandler: refuseBrokenRequest,
  });
  app.server.maxHeadersCount = 100;
  app.decorateRequest("span", undefined);
  observe(app, options);
  connectionsOf.set(app, connections);
  return app;
}

const connectionsOf = new WeakMap<HttpApp, Connections>();

/**
 * Ends a listener without losing a request: those under way are answered, idle connections are closed at once, and what is still there
 * after `graceMs` is cut off. Its `isDraining` must be true by then, so that every answer ends its connection.
 */
export async function drain(app: HttpApp, graceMs: number): Promise<void> {
  const close = async () => await app.close();
  const connections = connectionsOf.get(app);
  await (connections ? connections.drain(graceMs, close) : close());
}

const nodeOptions = { headersTimeout: 10_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16 * 1024 };
const timeouts = {
  requestTimeout: 30_000,
  // Longer than load balancers keep idle connections, so that they never meet a closing socket.
  keepAliveTimeout: 72_000,
};

/** Servers whose connections are known, and which let in nobody but over TLS where there is a certificate. */
function serversOf(connections: Connections, tls: HttpTls | undefined): (handler: RequestListener) => Server {
  return (handler) => {
    const server = createServer({ ...nodeOptions, ...timeouts }, handler);
    connections.watch(server);
    if (tls?.isEncrypted) tls.guard(server, refusePlain);
    return server;
  };
}

/** Whoever speaks plain HTTP to a port with TLS is told so; what they say is not looked at. */
function refusePlain(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.setTimeout(1_000, () => socket.destroy());
  socket.resume();
  const detail = "This port speaks HTTPS only: ask again with https:// instead of http://.";
  socket.end(answerOf("400 Bad Request", badRequest("REQUEST_INVALID", detail, newRandomId())));
}

function refuseBadUrl(error: Error & { code?: string }, request: FastifyRequest, reply: FastifyReply): void {
  const isTooLong = error.code !== "FST_ERR_BAD_URL";
  const detail = isTooLong
    ? "A part of the path is too long."
    : "The path holds bytes that are no UTF-8 text.";
  void reply
    .code(400)
    .headers({ "x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'" })
    .type("application/problem+json")
    .send(badRequest("URL_INVALID", detail, request.id));
}

function badRequest(code: string, detail: string, requestId: string): string {
  return JSON.stringify({
    type: `urn:stoa:error:${code}`,
    title: "Bad request",
    status: 400,
    detail,
    code,
    requestId,
  });
}

/** What no parser could read has no request: the answer is written by hand and the connection ends. */
function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = brokenRequestStatus[error.code ?? ""] ?? "400 Bad Request";
  const body = badRequest("REQUEST_INVALID", "The request is not valid HTTP.", newRandomId());
  socket.end(answerOf(status, body.replace('"status":400', `"status":${status.slice(0, 3)}`)));
}

function answerOf(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}

const brokenRequestStatus: { readonly [code: string]: string } = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

function observe(app: HttpApp, { service, log, isDraining, opening }: HttpServerOptions): void {
  // As late as can be: most answers that leave while it drains belong to requests that came before.
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (isDraining?.()) reply.header("connection", "close");
    done(null, payload);
  });
  app.addHook("onRequest", (request, reply, done) => {
    const header = request.headers.traceparent;
    const span = startSpan(
      service,
      `${request.method} ${request.routeOptions.url ?? "unknown"}`,
      "server",
      traceFrom(typeof header === "string" ? header : undefined),
    );
    request.span = span;
    request.trace = span.trace;
    reply.header("x-request-id", request.id);
    const isKeptOut = opening && !opening.isOver && !operations.has(request.routeOptions.url ?? "");
    if (isKeptOut && !opening.lets(request)) return void sayOpening(reply);
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unknown";
    const status = reply.statusCode;
    httpSeconds.observe(
      { service, route, method: request.method, status: String(status) },
      reply.elapsedTime / 1000,
    );
    request.span?.end({
      failed: status >= 500,
      attributes: { "http.route": route, "http.response.status_code": status },
    });
    const facts = {
      requestId: request.id,
      traceId: request.trace?.traceId,
      method: request.method,
      route,
      status,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    };
    // A shop that starts or drains says so on purpose.
    const isOnPurpose = route === "/ready" || opening?.isOver === false;
    if (status >= 500 && !isOnPurpose) log.warn(facts, "A request was answered with an error of ours.");
    else log.debug(facts, "A request was answered.");
    done();
  });
}

const operations: ReadonlySet<string> = new Set(["/health", "/status/200", "/ready", "/metrics"]);

function sayOpening(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .headers({ "retry-after": "1", "cache-control": "no-store" })
    .send({ status: "opening" });
}

export interface OperationsOptions {
  readonly isReady: () => boolean;
  /** loopback answers /metrics to this machine only. */
  readonly metrics: "loopback" | "open" | "off";
}

/** /health (alive), /ready (may get traffic), /status/200 and /metrics. Liveness never asks a dependency. */
export function addOperationsRoutes(app: HttpApp, options: OperationsOptions): void {
  app.get("/health", (_request, reply) => reply.send({ status: "ok" }));
  app.get("/status/200", (_request, reply) => reply.send({ status: "ok" }));
  app.get("/ready", (_request, reply) => {
    if (options.isReady()) return reply.send({ status: "ready" });
    return reply.code(503).header("retry-after", "1").send({ status: "starting or draining" });
  });
  if (options.metrics === "off") return;
  app.get("/metrics", async (request, reply) => {
    if (options.metrics === "loopback" && !isLoopback(request.ip)) {
      reply.callNotFound();
      return reply;
    }
    return await reply.type(registry.contentType).send(await registry.metrics());
  });
}

/** Opens the port. Rejects with one sentence when it cannot be had; `setting` is the one that names it. */
export async function listen(app: HttpApp, host: string, port: number, setting = "PORT"): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw portFault({ host, port, setting }, error);
  }
  const address = app.server.address();
  return typeof address === "object" && address ? address.port : port;
}

export function isLoopback(ip: string): boolean {
  return ip === "127.0.0.1" || ip === "::1" || ip === "::ffff:127.0.0.1";
}
