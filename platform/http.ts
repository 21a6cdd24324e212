// HTTP listeners: request ids, trace context, limits, metrics and a drain that loses no request.
import { Fastify, type FastifyInstance, type FastifyRequest } from "./fastify.ts";
import { StartError } from "./start-error.ts";
import type { Logger } from "./log.ts";
import { httpSeconds, registry } from "./metrics.ts";
import { cleanRequestId } from "./rpc/grpc-server.ts";
import { startSpan, traceFrom, type Span, type TraceContext } from "./trace.ts";
import { newRandomId } from "./ids.ts";

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
}

/** A listener with everything but routes. */
export function createHttpServer(options: HttpServerOptions): HttpApp {
  const app = Fastify({
    bodyLimit: bodyBytesMax,
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: false },
    requestTimeout: 30_000,
    // Longer than load balancers keep idle connections, so that they never meet a closing socket.
    keepAliveTimeout: 72_000,
    forceCloseConnections: "idle",
    requestIdHeader: false,
    genReqId: (request) => cleanRequestId(String(request.headers["x-request-id"] ?? "")) ?? newRandomId(),
    // A trailing newline or duplicate key never gets further than the parser.
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    trustProxy: false,
  });
  app.decorateRequest("span", undefined);
  observe(app, options);
  return app;
}

function observe(app: HttpApp, { service, log }: HttpServerOptions): void {
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
      traceId: request.trace.traceId,
      method: request.method,
      route,
      status,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    };
    if (status >= 500) log.warn(facts, "A request was answered with an error of ours.");
    else log.debug(facts, "A request was answered.");
    done();
  });
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
    if (options.metrics === "loopback" && !isLoopback(request.ip)) return await reply.callNotFound();
    return await reply.type(registry.contentType).send(await registry.metrics());
  });
}

/** Opens the port. Rejects with one sentence when it is taken. */
export async function listen(app: HttpApp, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const publicMessage = `Port ${port} cannot be opened on ${host}: another program uses it. Stop that program, or set PORT to a free port.`;
    throw new StartError(publicMessage, { cause: error });
  }
  const address = app.server.address();
  return typeof address === "object" && address ? address.port : port;
}

export function isLoopback(ip: string): boolean {
  return ip === "127.0.0.1" || ip === "::1" || ip === "::ffff:127.0.0.1";
}
