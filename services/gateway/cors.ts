// Cross-origin requests from browsers: only pages of listed origins may read answers. Tokens travel in a header, never in cookies.
import type { HttpApp } from "#platform/http/server.ts";

const preflightHeaders = {
  "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
  "access-control-allow-headers":
    "authorization, content-type, idempotency-key, if-match, if-none-match, x-request-id, traceparent",
  "access-control-max-age": "600",
};

const exposed = "x-request-id, retry-after, allow, etag, x-stoa-degraded";

/** Answers preflights, and marks answers that a page of a listed origin may read. */
export function addCors(scope: HttpApp, origins: ReadonlySet<string>): void {
  scope.addHook("onRequest", async (request, reply) => {
    const { origin } = request.headers;
    if (origins.size > 0) reply.header("vary", "origin");
    const isListed = origin !== undefined && origins.has(origin);
    if (isListed) {
      reply.header("access-control-allow-origin", origin);
      reply.header("access-control-expose-headers", exposed);
    }
    if (request.method !== "OPTIONS" || !request.headers["access-control-request-method"]) return;
    if (isListed) reply.headers(preflightHeaders);
    return await reply.code(204).send();
  });
}
