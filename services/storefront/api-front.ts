// Where the storefront is the only door: what is no page goes on to the gateway, under the one address that people and programs know.
import type { FastifyReply, FastifyRequest } from "#platform/http/fastify.ts";
import type { Precedence } from "#platform/http/gate.ts";
import { Senders } from "#platform/http/sender.ts";
import type { HttpApp } from "#platform/http/server.ts";
import { problemHeaders, problemText } from "#platform/http/wire.ts";
import { Forwarder, unreachablePage } from "#platform/web/forwarder.ts";
import type { StorefrontContext } from "./context.ts";

/** What the gateway answers: the API and its documents, keys of tokens, the pages of the staff. Pictures of goods the storefront shows itself. */
const paths = ["/api", "/admin", "/docs", "/ofrep", "/.well-known"].flatMap((path) => [path, `${path}/*`]);
const documents = ["/openapi.json"];

/** The gateway knows how long each thing may take, and says so before this. */
const limitMs = 65_000;

/** Mounts the way to the gateway at every path of its own; returns how to close it. */
export async function mountApiFront(
  app: HttpApp,
  { api, shop, clock, log, config }: StorefrontContext,
): Promise<() => void> {
  const { serviceKey } = shop;
  const senders = new Senders({ proxies: config.TRUSTED_PROXIES, serviceKey, clock });
  const forwarder = new Forwarder({
    from: "storefront",
    to: "gateway",
    url: shop.apiUrl(),
    shop,
    clock,
    log,
    openGuard: () => api.guard,
    senderOf: (request) => {
      const sender = senders.of(request);
      // What the gateway has handed on, it does not answer itself: sent back, it would go round for ever.
      return sender.service === "gateway" ? undefined : sender;
    },
    limitMs: () => limitMs,
    sayUnreachable: async (request, reply) =>
      await sayUnreachable(config.STOREFRONT_HSTS_SECONDS, request, reply),
  });
  await forwarder.mount(app, [...paths, ...documents], precedenceOfPath);
  return () => forwarder.close();
}

/** As the gateway itself says it: who buys goes before who fills a cart, and they before who looks around. */
export function precedenceOfPath({ url }: Pick<FastifyRequest, "url">): Precedence {
  const path = url.split("?", 1)[0] ?? "";
  if (/^\/(?:admin|docs|ofrep|\.well-known|openapi\.json)(?:\/|$)/.test(path)) return "always";
  if (/^\/api\/(?:orders|checkout|payments)(?:\/|$)/.test(path)) return "first";
  return /^\/api\/(?:cart|users)(?:\/|$)/.test(path) ? "second" : "last";
}

async function sayUnreachable(
  hstsSeconds: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const sentence = "The shop cannot be reached behind its pages right now. Try again in a moment.";
  reply.code(503).headers({ ...problemHeaders, "retry-after": "1", "x-frame-options": "DENY" });
  if (hstsSeconds > 0) reply.header("strict-transport-security", `max-age=${hstsSeconds}`);
  if (request.headers.accept?.includes("text/html"))
    return await reply.type("text/html; charset=utf-8").send(unreachablePage([sentence], request.id).text);
  return await reply.send(problemText(503, "NEIGHBOUR_UNAVAILABLE", sentence, request.id));
}
