// In split mode one origin serves all: what is not the gateway's goes to a service of pages and comes back as a stream.
import type { IncomingHttpHeaders } from "node:http";
import { Pool } from "undici";
import type { FastifyReply, FastifyRequest } from "fastify";
import { signCall, streamed } from "#platform/auth/service-proof.ts";
import { connectWith } from "#platform/http/http-tls.ts";
import { clientHeaders, proofHeader, provenRequest, type Sender } from "#platform/http/sender.ts";
import type { HttpApp } from "#platform/http/server.ts";
import { traceparentOf } from "#platform/telemetry/trace.ts";
import { countRequest } from "./admit.ts";
import type { GatewayContext } from "./context.ts";
import { refusal } from "./errors.ts";
import { problemOf } from "./problem.ts";

/** Belong to one connection, or are ours to say. */
const notForwarded: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-request-id",
  "traceparent",
  proofHeader,
  ...Object.values(clientHeaders),
]);

/** A service of pages and the paths that are its own. */
export interface PagesAt {
  readonly url: string;
  /** Empty for everything that nobody else has. */
  readonly prefix: "" | "/admin";
}

/** Mounts the way to a service of pages at every path of its own that has no route; returns how to close it. */
export async function mountPages(
  app: HttpApp,
  ctx: GatewayContext,
  { url, prefix }: PagesAt,
): Promise<() => Promise<void>> {
  const pool = new Pool(url, {
    connections: 128,
    pipelining: 1,
    connect: connectWith(ctx.shop.httpTls, 2_000),
    headersTimeout: 65_000,
    bodyTimeout: 65_000,
    keepAliveTimeout: 30_000,
  });
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    // Bodies pass through as they come; whoever makes the pages has limits of their own.
    scope.addContentTypeParser("*", (_request, payload, parsed) => parsed(null, payload));
    const streams = new Set<AbortController>();
    const paths = prefix === "" ? ["/*"] : [prefix, `${prefix}/*`];
    for (const path of paths)
      scope.all(path, (request, reply) => passOn(ctx, { pool, streams }, request, reply));
    // A stream of events ends only when somebody ends it; readers open another one at the next replica.
    scope.addHook("preClose", (closed) => {
      for (const stream of streams) stream.abort();
      closed();
    });
    done();
  });
  return async () => await pool.close();
}

interface Way {
  readonly pool: Pool;
  /** Answers that last until they are ended. */
  readonly streams: Set<AbortController>;
}

async function passOn(
  ctx: GatewayContext,
  { pool, streams }: Way,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const hangUp = new AbortController();
  reply.raw.once("close", () => hangUp.abort());
  const sender = countRequest(ctx, request);
  try {
    const answer = await pool.request({
      method: request.method as "GET",
      path: request.url,
      headers: forwardedHeaders(ctx, request, sender),
      body: (request.body as import("node:stream").Readable | undefined) ?? null,
      signal: hangUp.signal,
    });
    // The service that made the page has said what went wrong.
    request.isTold = true;
    reply.code(answer.statusCode).headers(keptHeaders(answer.headers));
    if (String(answer.headers["content-type"]).startsWith("text/event-stream")) {
      streams.add(hangUp);
      reply.raw.once("close", () => streams.delete(hangUp));
      reply.header("connection", "close");
    }
    return await reply.send(answer.body);
  } catch (error) {
    const facts = { err: error, requestId: request.id };
    if (hangUp.signal.aborted) ctx.log.debug(facts, "A visitor hung up before the page was there.");
    else ctx.log.warn(facts, "A service of pages does not answer.");
    request.isTold = true;
    const problem = problemOf(refusal("STOREFRONT_UNREACHABLE"), request.id);
    return await reply
      .code(problem.status)
      .headers(problem.headers)
      .type("application/problem+json")
      .send(JSON.stringify(problem.body));
  }
}

/** Who asks, how and where: decided here, believed there because of the proof; and once more in the words that programs know. */
function forwardedHeaders(
  ctx: GatewayContext,
  request: FastifyRequest,
  { address, scheme, host }: Sender,
): Record<string, string | string[]> {
  const headers = keptHeaders(request.headers);
  headers[clientHeaders.address] = headers["x-forwarded-for"] = address;
  headers[clientHeaders.host] = headers["x-forwarded-host"] = host;
  headers[clientHeaders.scheme] = headers["x-forwarded-proto"] = scheme;
  const call = { ...provenRequest(request.method, request.url, headers), bodyHash: streamed };
  headers[proofHeader] = signCall("gateway", ctx.shop.serviceKey, ctx.clock.now().getTime(), call);
  headers["x-request-id"] = request.id;
  headers["traceparent"] = traceparentOf(request.trace);
  return headers;
}

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !notForwarded.has(name)) kept[name] = value;
  return kept;
}
