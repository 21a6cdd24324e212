// HTTP listeners: request ids, trace context, limits, metrics and a drain that loses no request.
import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import { Fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "./fastify.ts";
import { portFault } from "#platform/kit/port-fault.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { noteRequest } from "#platform/operations/traffic.ts";
import { httpSeconds, methodLabel, noteActiveRequest, registry } from "#platform/telemetry/metrics.ts";
import { cleanRequestId } from "#platform/rpc/grpc-server.ts";
import {
  startSpan,
  traceFrom,
  unrecordedSpan,
  type Span,
  type TraceContext,
} from "#platform/telemetry/trace.ts";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { faultHeader } from "#platform/kit/fault-rules.ts";
import { askedFault, faultsInForce } from "#platform/kit/faults.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { Connections } from "./drain.ts";
import type { HttpTls } from "./http-tls.ts";
import { OverloadGuard } from "./overload.ts";
import { answerProbe, isProbe } from "./probes.ts";
import { answerRest, problemHeaders, problemText, refuseConnection, soundRequests } from "./wire.ts";

export type HttpApp = FastifyInstance;
export type HttpRequest = FastifyRequest;

declare module "fastify" {
  interface FastifyRequest {
    /** Where this request stands in its trace. */
    trace: TraceContext;
    span: Span | undefined;
    /** Whoever answered has said in the log what went wrong, or refused on purpose: the listener has nothing to add. */
    isTold: boolean;
    /** A service of the shop asks, and has proved it. */
    isOwn: boolean;
    /** The fault that it met on purpose. */
    fault: string | undefined;
  }
}

/** Bodies larger than this are refused with 413. */
export const bodyBytesMax = 64 * 1024;
/** Bytes of request line and headers; more is refused with 431. */
const maxHeaderSize = 16 * 1024;

export interface HttpServerOptions {
  readonly service: string;
  readonly log: Logger;
  /** While true, every answer asks its client to come back over another connection. */
  readonly isDraining?: () => boolean;
  /** Who is let in while the program opens; absent where everybody is. How the program does is told to everybody. */
  readonly opening?: { readonly isOver: boolean; lets(request: HttpRequest): boolean };
  /** The page at which some ask whether the process is alive; absent where nobody does. */
  readonly probedAt?: string | undefined;
  /** Undefined, or without a certificate, for plaintext. */
  readonly tls?: HttpTls | undefined;
  /** Key of the services; with it, the listener refuses early what the process cannot keep up with. */
  readonly serviceKey?: string;
  /** Tells how old connections are; the system's when absent. */
  readonly clock?: Clock;
}

/**
 * A listener with everything but routes. Bodies are validated as they are: nothing is coerced, filled in or taken out. Slow and
 * oversized heads are cut off; a request that arrives while the listener closes is still answered.
 */
export function createHttpServer(options: HttpServerOptions): HttpApp {
  const connections = new Connections(options.clock ?? systemClock);
  const { service, serviceKey } = options;
  const guard =
    serviceKey === undefined ? undefined : new OverloadGuard({ service, serviceKey, clock: systemClock });
  const app = Fastify({
    ...timeouts,
    serverFactory: serversOf(connections, options, guard),
    bodyLimit: bodyBytesMax,
    // As long as a head may be: an id of any length is for whoever looks it up.
    routerOptions: { maxParamLength: maxHeaderSize, ignoreTrailingSlash: false },
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
  app.setErrorHandler((error, request, reply) => refuseUnhandled(error, request, reply, options.log));
  app.decorateRequest("isTold", false);
  app.decorateRequest("isOwn", false);
  app.decorateRequest("fault", undefined);
  app.addHook("preHandler", meetFault);
  guard?.guard(app);
  observe(app, options, connections);
  connectionsOf.set(app, connections);
  return app;
}

/** Where the handler would run: who may not ask is refused before, as ever. What must work so that faults can be ended, meets none. */
async function meetFault(request: FastifyRequest): Promise<void> {
  const faults = faultsInForce();
  if (!faults) return;
  const { config, url = "unknown" } = request.routeOptions;
  if (config.precedence === "always") return;
  const fault = faults.atRoute(url, askedFault(request.headers[faultHeader]));
  if (!fault) return;
  request.fault = fault.told;
  if (fault.delayMs > 0) await systemClock.sleep(fault.delayMs);
  if (fault.answer) throw fault.answer();
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

// A missing Host is refused by `soundRequests`, in words.
const nodeOptions = {
  requireHostHeader: false,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize,
};
const timeouts = {
  requestTimeout: 30_000,
  // Longer than load balancers keep idle connections, so that they never meet a closing socket.
  keepAliveTimeout: 72_000,
};

/** Servers whose connections are known, and which let in nobody but over TLS where there is a certificate. */
function serversOf(
  connections: Connections,
  options: HttpServerOptions,
  guard: OverloadGuard | undefined,
): (handler: RequestListener) => Server {
  const { tls, isDraining, opening, probedAt } = options;
  const isOpen = () => opening?.isOver !== false && isDraining?.() !== true;
  return (handler) => {
    const answer: RequestListener = (request, response) => {
      if (isProbe(request, probedAt)) return answerProbe(response, isOpen());
      if (isDraining?.() !== true && guard?.refusesEarly(request, response)) return;
      handler(request, response);
    };
    const server = createServer({ ...nodeOptions, ...timeouts }, soundRequests(answer));
    connections.watch(server);
    answerRest(server);
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
  refuseConnection(socket, 400, "REQUEST_INVALID", detail);
}

function refuseBadUrl(error: Error & { code?: string }, request: FastifyRequest, reply: FastifyReply): void {
  const isTooLong = error.code !== "FST_ERR_BAD_URL";
  const detail = isTooLong
    ? "A part of the path is too long."
    : "The path holds bytes that are no UTF-8 text.";
  const body = problemText(400, "URL_INVALID", detail, request.id);
  void reply.code(400).headers(problemHeaders).send(body);
}

/** For what is refused before or beside every route and site, so that no words of the framework's leave the house. */
function refuseUnhandled(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const { statusCode } = error as { statusCode?: unknown };
  const isTheirs = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  if (!isTheirs)
    log.error({ err: error, requestId: request.id }, "A request failed with an error nobody expected.");
  const status = isTheirs ? statusCode : 500;
  const [code, detail] = isTheirs
    ? (refusedParts[status] ?? ["REQUEST_INVALID", "The request is not what it should be."])
    : ["INTERNAL", "Something went wrong on our side."];
  void reply
    .code(status)
    .headers(problemHeaders)
    .send(problemText(status, code, detail, request.id));
}

const refusedParts: { readonly [status: number]: readonly [code: string, detail: string] } = {
  413: ["PAYLOAD_TOO_LARGE", "The body is larger than it may be."],
  415: ["MEDIA_TYPE_UNSUPPORTED", "The body is of no kind that is taken here."],
};

/** Paths that no route and no site answers; to be called when all are mounted. */
export function answerUnknownPaths(app: HttpApp): void {
  // A site that answers for the whole origin has said what it says of unknown paths.
  if (sitesOfOrigin.has(app)) return;
  app.setNotFoundHandler((request, reply) => {
    const body = problemText(404, "ROUTE_NOT_FOUND", "There is nothing at this path.", request.id);
    return reply.code(404).headers(problemHeaders).send(body);
  });
}

const sitesOfOrigin = new WeakSet<HttpApp>();

/** A site says that unknown paths of the whole origin are its own. */
export function ownUnknownPaths(app: HttpApp): void {
  sitesOfOrigin.add(app);
}

/** What no parser could read has no request: the answer is written by hand and the connection ends. */
function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = brokenRequestStatus[error.code ?? ""] ?? 400;
  refuseConnection(socket, status, "REQUEST_INVALID", "The request is not valid HTTP.");
}

const brokenRequestStatus: { readonly [code: string]: number } = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

function observe(
  app: HttpApp,
  { service, log, isDraining, opening }: HttpServerOptions,
  connections: Connections,
): void {
  // As late as can be: most answers that leave while it drains belong to requests that came before.
  app.addHook("onSend", (request, reply, payload, done) => {
    if (isDraining?.() || connections.isOld(request.raw.socket)) reply.header("connection", "close");
    done(null, payload);
  });
  app.addHook("onRequest", (request, reply, done) => {
    const { traceparent, tracestate, baggage } = request.headers;
    const extras = { tracestate: onlyText(tracestate), baggage: onlyText(baggage) };
    const url = request.routeOptions.url ?? "unknown";
    const parent = traceFrom(onlyText(traceparent), extras);
    // Whoever looks every few seconds whether all is well would fill what is kept.
    const span = operations.has(url)
      ? unrecordedSpan(parent)
      : startSpan(service, `${request.method} ${url}`, "server", parent);
    request.span = span;
    request.trace = span.trace;
    noteActiveRequest(service, 1);
    reply.raw.once("close", () => noteActiveRequest(service, -1));
    reply.header("x-request-id", request.id);
    const isKeptOut = opening && !opening.isOver && !operations.has(url);
    if (isKeptOut && !opening.lets(request)) return void sayOpening(reply);
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unknown";
    const status = reply.statusCode;
    httpSeconds.observe(
      {
        service,
        http_request_method: methodLabel(request.method),
        http_route: route,
        http_response_status_code: status,
      },
      reply.elapsedTime / 1000,
    );
    // A shop that starts, drains or is full says so on purpose.
    const isOnPurpose = route === "/ready" || opening?.isOver === false || request.isTold;
    const failed = status >= 500 && !isOnPurpose;
    const isStream = String(reply.getHeader("content-type")).startsWith("text/event-stream");
    // How long somebody watches is no time that anybody waits.
    if (!isStream && !operations.has(route))
      noteRequest(service, `${methodLabel(request.method)} ${route}`, reply.elapsedTime, status >= 500);
    const met = request.fault === undefined ? {} : { "stoa.fault": request.fault };
    const attributes = { "http.route": route, "http.response.status_code": status, ...met };
    request.span?.end({ failed, attributes, isStream });
    // The program asks for its own first page while it opens.
    const isQuiet = request.isOwn || operations.has(route) || opening?.isOver === false;
    sayAnswered({ service, log, failed, isQuiet }, request, reply);
    done();
  });
}

function onlyText(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : undefined;
}

/** One line for each request of somebody outside; what the shop asks of itself, and how it does, is for whoever looks for a fault. */
function sayAnswered(
  { service, log, failed, isQuiet }: { service: string; log: Logger; failed: boolean; isQuiet: boolean },
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const route = request.routeOptions.url ?? "unknown";
  if (isQuiet && !failed && !log.isLevelEnabled("debug")) return;
  const facts = {
    kind: "access",
    service,
    requestId: request.id,
    traceId: request.trace?.traceId,
    method: methodLabel(request.method),
    route,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    ...(request.fault === undefined ? {} : { fault: request.fault }),
  };
  if (failed) log.warn(facts, "A request was answered with an error of ours.");
  else if (isQuiet) log.debug(facts, "A request was answered.");
  else log.info(facts, "A request was answered.");
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
  /** What the services of this process lack, and whether they can serve all the same; absent where nobody looks. */
  readonly health?: (() => ReadinessAnswer) | undefined;
  /** loopback answers /metrics to this machine only. */
  readonly metrics: "loopback" | "open" | "off";
}

/** What /ready tells beside its status. */
export interface ReadinessAnswer {
  readonly isServing: boolean;
  /** Full sentences, by service; only services that lack something. */
  readonly services: readonly { readonly service: string; readonly lacks: readonly string[] }[];
}

/** /health (alive), /ready (may get traffic), /status/200 and /metrics. Liveness never asks a dependency. */
export function addOperationsRoutes(app: HttpApp, options: OperationsOptions): void {
  const never = { config: { precedence: "always" } } as const;
  app.get("/health", never, (_request, reply) => reply.send({ status: "ok" }));
  app.get("/status/200", never, (_request, reply) => reply.send({ status: "ok" }));
  app.get("/ready", never, (_request, reply) => {
    void reply.header("cache-control", "no-store");
    const { isServing, services } = options.health?.() ?? well;
    const lacks = services.length > 0 ? { lacks: services } : {};
    if (options.isReady() && isServing) return reply.send({ status: "ready", ...lacks });
    const status = options.isReady() ? "not ready" : "starting or draining";
    return reply
      .code(503)
      .header("retry-after", "1")
      .send({ status, ...lacks });
  });
  if (options.metrics === "off") return;
  app.get("/metrics", never, async (request, reply) => {
    if (options.metrics === "loopback" && !isFromHere(request)) {
      reply.callNotFound();
      return reply;
    }
    return await reply.type(registry.contentType).send(await registry.metrics());
  });
}

const well: ReadinessAnswer = { isServing: true, services: [] };

/** Also from a proxy on this machine, it comes from somewhere else. */
function isFromHere({ ip, headers }: FastifyRequest): boolean {
  return isLoopback(ip) && headers["x-forwarded-for"] === undefined && headers.forwarded === undefined;
}

/** Connections that wait to be taken up: a burst of visitors that found no room would be reset without a word. */
const backlog = 4_096;

/** Opens the port. Rejects with one sentence when it cannot be had; `setting` is the one that names it. */
export async function listen(app: HttpApp, host: string, port: number, setting = "PORT"): Promise<number> {
  try {
    await app.listen({ host, port, backlog });
  } catch (error) {
    throw portFault({ host, port, setting }, error);
  }
  const address = app.server.address();
  return typeof address === "object" && address ? address.port : port;
}

export function isLoopback(ip: string): boolean {
  return ip === "127.0.0.1" || ip === "::1" || ip === "::ffff:127.0.0.1";
}
