// In split mode one origin serves all: what is not the gateway's goes to the storefront and comes back as a stream.
import type { IncomingHttpHeaders } from "node:http";
import { Pool } from "undici";
import type { FastifyReply, FastifyRequest } from "fastify";
import { signCall, streamed } from "#platform/auth/service-proof.ts";
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

/** Mounts the way to the storefront at every path that has no route; returns how to close it. */
export async function mountStorefront(
  app: HttpApp,
  ctx: GatewayContext,
  url: string,
): Promise<() => Promise<void>> {
  const pool = new Pool(url, {
    connections: 128,
    pipelining: 1,
    connect: { timeout: 2_000 },
    headersTimeout: 65_000,
    bodyTimeout: 65_000,
    keepAliveTimeout: 30_000,
  });
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    // Bodies pass through as they come; the storefront has limits of its own.
    scope.addContentTypeParser("*", (_request, payload, parsed) => parsed(null, payload));
    scope.all("/*", (request, reply) => passOn(ctx, pool, request, reply));
    done();
  });
  return async () => await pool.close();
}

async function passOn(
  ctx: GatewayContext,
  pool: Pool,
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
    reply.code(answer.statusCode).headers(keptHeaders(answer.headers));
    return await reply.send(answer.body);
  } catch (error) {
    ctx.log.warn({ err: error, requestId: request.id }, "The storefront does not answer.");
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
