// Turns routes into Fastify handlers: who visits, may they, the page, the frame around it, cookies and headers.
import type { FastifyReply, FastifyRequest } from "#platform/http/fastify.ts";
import type { Precedence } from "#platform/http/gate.ts";
import { isHangUp } from "#platform/http/hang-up.ts";
import { ownUnknownPaths, type HttpApp, type HttpRequest } from "#platform/http/server.ts";
import { errorKinds } from "#platform/kit/errors.ts";
import type { Answer, PageAnswer, Route } from "./answer.ts";
import type { Html } from "./html.ts";
import type { LiveStreams } from "./live.ts";
import type { PageRequest } from "./page-request.ts";
import { ForeignRequest, isFromOurPages } from "./same-origin.ts";

/** A site of pages: its routes, who visits it, and what stands around each page. */
export interface Site<Visit extends PageRequest> {
  readonly routes: readonly Route<Visit>[];
  /** Empty for the whole origin, else such as "/staff": the site answers every path below it, known or not. */
  readonly prefix: string;
  /** Whose turn it is where not all can be served, for routes that do not say it themselves; `last` when absent. */
  readonly precedence?: Precedence;
  /** The Content-Security-Policy of its pages. */
  readonly policy: string;
  /** max-age of Strict-Transport-Security; 0 leaves the header out. */
  readonly hstsSeconds: number;
  readonly visit: (request: HttpRequest) => Visit;
  /** Runs before every page that is not plain. */
  readonly prepare?: (visit: Visit) => Promise<void>;
  /** The whole document around a page. */
  readonly frame: (visit: Visit, page: PageAnswer) => Promise<Html> | Html;
  /** The answer to whatever was thrown while a page was made, and a line in the log where it deserves one; never throws itself. */
  readonly refuse: (visit: Visit, error: unknown) => Answer;
  /** The answer to a path nobody knows. */
  readonly notFound: (visit: Visit) => Answer;
  /** How many parts of the page were left out because they came too late; told in a header of the answer. */
  readonly leftOut?: (visit: Visit) => number;
  /** Needed by sites with live answers. They end before the listener closes. */
  readonly live?: LiveStreams;
}

/** Says how many parts are missing from a page. */
export const leftOutHeader = "x-stoa-left-out";

/** Everything a page may load comes from its own origin; pictures may also be https. Nothing inline runs. */
export const strictPolicy = [
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

/**
 * Mounts a site. Changes that another site caused reach no page: `refuse` gets a ForeignRequest. Every answer carries the
 * security headers; pages and redirects also the cookies that were set on the way.
 */
export async function mountSite<Visit extends PageRequest>(app: HttpApp, site: Site<Visit>): Promise<void> {
  const mount = (scope: HttpApp, _options: unknown, done: () => void) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string" },
      (_request, body, parsed) => parsed(null, new URLSearchParams(String(body))),
    );
    const answerWith = (route: Route<Visit>) => async (request: FastifyRequest, reply: FastifyReply) =>
      await answer(site, route, request, reply);
    for (const route of site.routes) {
      const precedence = route.precedence ?? site.precedence ?? "last";
      const { method, url } = route;
      scope.route({ method, url, config: { precedence }, handler: answerWith(route) });
    }
    scope.setNotFoundHandler(answerWith({ method: "GET", url: "", page: site.notFound }));
    scope.setErrorHandler(async (error, request, reply) => {
      if (isHangUp(error, request)) return await reply.code(errorKinds.canceled.http).send();
      const page = () => Promise.reject(error as Error);
      return await answer(site, { method: "GET", url: "", page }, request, reply);
    });
    scope.addHook("preClose", (closed) => {
      site.live?.end();
      closed();
    });
    done();
  };
  if (site.prefix === "") ownUnknownPaths(app);
  await app.register(mount, site.prefix === "" ? {} : { prefix: site.prefix });
}

const securityHeaders = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "strict-origin-when-cross-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

async function answer<Visit extends PageRequest>(
  site: Site<Visit>,
  route: Route<Visit>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const visit = site.visit(request);
  const result = await pageOf(site, visit, route, request);
  reply.headers(securityHeaders).header("content-security-policy", site.policy);
  if (site.hstsSeconds > 0) reply.header("strict-transport-security", `max-age=${site.hstsSeconds}`);
  if (route.isPlain !== true) reply.header("set-cookie", visit.cookies.lines());
  if (result.kind === "redirect")
    return await reply
      .headers({ "cache-control": "no-store", ...result.headers })
      .redirect(result.to, result.status);
  if (result.kind === "live") {
    if (!site.live) throw new Error("A site with live answers needs live streams.");
    return await site.live.send(reply, result);
  }
  reply.code(result.status ?? 200).headers({ "cache-control": "private, no-cache", ...result.headers });
  if (result.kind === "bytes") return await reply.type(result.type).send(result.body);
  const frame = await site.frame(visit, result);
  const leftOut = site.leftOut?.(visit) ?? 0;
  if (leftOut > 0) reply.header(leftOutHeader, String(leftOut));
  return await reply.type("text/html; charset=utf-8").send(frame.text);
}

async function pageOf<Visit extends PageRequest>(
  site: Site<Visit>,
  visit: Visit,
  route: Route<Visit>,
  request: FastifyRequest,
): Promise<Answer> {
  try {
    const isChange = route.method === "POST" || route.changes === true;
    if (isChange && !isFromOurPages(visit.headers, visit.hosts)) throw new ForeignRequest();
    if (route.isPlain !== true) await site.prepare?.(visit);
    return await route.page(visit);
  } catch (error) {
    request.isTold = true;
    return site.refuse(visit, error);
  }
}
