// In split mode one origin serves all: what is not the gateway's goes to a service of pages.
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Precedence } from "#platform/http/gate.ts";
import type { HttpApp } from "#platform/http/server.ts";
import { Forwarder, unreachablePage } from "#platform/web/forwarder.ts";
import { countRequest } from "./admit.ts";
import type { GatewayContext } from "./context.ts";
import { refusal } from "./errors.ts";
import { problemOf } from "./problem.ts";
import { securityHeaders } from "./security-headers.ts";

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
): Promise<() => void> {
  const { shop, clock, log, openGuard } = ctx;
  const to = prefix === "/admin" ? "admin" : "storefront";
  const forwarder = new Forwarder({
    from: "gateway",
    to,
    url,
    shop,
    clock,
    log,
    openGuard: (knock) => openGuard(to, knock),
    senderOf: async (request) => await countRequest(ctx, request),
    limitMs: (request) => pageLimitMs(to, request),
    sayUnreachable: async (request, reply) => await sayUnreachable(ctx, request, reply),
  });
  const paths = prefix === "" ? ["/*"] : [prefix, `${prefix}/*`];
  await forwarder.mount(app, paths, prefix === "" ? precedenceOfPage : "always");
  return () => forwarder.close();
}

/** As the storefront itself says it of its pages. */
export function precedenceOfPage({ url }: Pick<FastifyRequest, "url">): Precedence {
  const path = url.split("?", 1)[0] ?? "";
  if (/^\/(?:cart\/checkout$|checkout\/|orders\/|account\/orders$)/.test(path)) return "first";
  return /^\/(?:cart|account|logout)(?:\/|$)/.test(path) ? "second" : "last";
}

/** How long a page may take to begin. Whoever browses waits a second at most, for a cart two, to have something done ten. */
function pageLimitMs(service: "storefront" | "admin", { method, url }: FastifyRequest): number {
  const isRead = method === "GET" || method === "HEAD";
  if (service === "admin") return isRead ? 9_900 : 30_000;
  const [path = "/"] = url.split("?");
  if (/^\/cart(\/|$)/.test(path) && path !== "/cart/checkout") return 1_900;
  if (!isRead) return 9_900;
  return /^\/(account|orders|checkout)(\/|$)/.test(path) ? 4_900 : 950;
}

/** In words for people, as a problem for programs. */
async function sayUnreachable(
  ctx: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { status, headers, body } = problemOf(refusal("STOREFRONT_UNREACHABLE"), request.id);
  reply.code(status).headers({ ...securityHeaders(ctx.config.GATEWAY_HSTS_SECONDS), ...headers });
  if (!request.headers.accept?.includes("text/html"))
    return await reply.type("application/problem+json").send(JSON.stringify(body));
  const sentences = [
    "The pages of the shop cannot be reached right now. Try again in a moment.",
    "What was in your cart is still there, and no order is lost.",
  ];
  return await reply.type("text/html; charset=utf-8").send(unreachablePage(sentences, request.id).text);
}
