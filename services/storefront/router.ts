// Turns routes into Fastify handlers: who visits, may they, the page, the frame around it, cookies and headers.
import type { FastifyReply, FastifyRequest } from "#platform/http/fastify.ts";
import type { HttpApp } from "#platform/http/server.ts";
import { localPath, page, redirect, type Answer, type PageAnswer, type Route } from "#platform/web/answer.ts";
import type { StorefrontContext } from "./context.ts";
import { pageNotFound, Refusal, refusalOf, SignInNeeded } from "./refusal.ts";
import { isFromOurPages } from "#platform/web/same-origin.ts";
import { documentView } from "./views/document.ts";
import { refusalView } from "./views/refusal.ts";
import { Visit } from "./visit.ts";

export const contentSecurityPolicy = [
  "default-src 'none'",
  "img-src 'self' https:",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const securityHeaders = {
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "strict-origin-when-cross-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

export async function mountRoutes(
  app: HttpApp,
  ctx: StorefrontContext,
  routes: readonly Route<Visit>[],
): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string" },
      (_request, body, parsed) => parsed(null, new URLSearchParams(String(body))),
    );
    for (const route of routes) {
      scope.route({
        method: route.method,
        url: route.url,
        handler: async (request, reply) => await answer(ctx, route, request, reply),
      });
    }
    scope.setNotFoundHandler(async (request, reply) => await answer(ctx, notFoundRoute, request, reply));
    scope.setErrorHandler(async (error, request, reply) => {
      const route: Route<Visit> = { method: "GET", url: "", page: () => Promise.reject(error as Error) };
      return await answer(ctx, route, request, reply);
    });
    done();
  });
}

const notFoundRoute: Route<Visit> = { method: "GET", url: "", page: () => Promise.reject(pageNotFound()) };

async function answer(
  ctx: StorefrontContext,
  route: Route<Visit>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const visit = new Visit(ctx, request);
  const result = await pageOf(visit, route);
  reply.headers(securityHeaders);
  const hstsSeconds = ctx.config.STOREFRONT_HSTS_SECONDS;
  if (hstsSeconds > 0) reply.header("strict-transport-security", `max-age=${hstsSeconds}`);
  if (route.isPlain !== true) reply.header("set-cookie", visit.cookies.lines());
  if (result.kind === "redirect")
    return await reply.header("cache-control", "no-store").redirect(result.to, 302);
  reply.code(result.status ?? 200).headers({ "cache-control": "private, no-cache", ...result.headers });
  if (result.kind === "bytes") return await reply.type(result.type).send(result.body);
  const frame = await documentView(visit, result);
  return await reply.type("text/html; charset=utf-8").send(frame.text);
}

async function pageOf(visit: Visit, route: Route<Visit>): Promise<Answer> {
  try {
    const isChange = route.method === "POST" || route.changes === true;
    if (isChange && !isFromOurPages(visit.headers))
      throw new Refusal(403, "That came from elsewhere", "Another site sent this request; nothing was done.");
    if (route.isPlain !== true) await visit.settleCurrency();
    return await route.page(visit);
  } catch (error) {
    if (error instanceof SignInNeeded)
      return redirect(`/account/login?next=${encodeURIComponent(localPath(visit.path))}`);
    return refusalPage(visit, error);
  }
}

function refusalPage(visit: Visit, error: unknown): Answer {
  const refusal = refusalOf(error);
  const facts = { err: error, requestId: visit.requestId, path: visit.path };
  if (refusal.status === 500) visit.ctx.log.error(facts, "A page failed with an error nobody expected.");
  else if (refusal.status > 500)
    visit.ctx.log.debug(facts, "A page was not made because a part of the shop is not there.");
  const headers: PageAnswer["headers"] =
    refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) };
  return page(refusal.heading, refusalView(visit, refusal), { status: refusal.status, headers });
}
