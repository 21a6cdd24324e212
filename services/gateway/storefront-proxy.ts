// In split mode one origin serves all: what is not the gateway's goes to a service of pages and comes back as a stream.
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { signCall, streamed } from "#platform/auth/service-proof.ts";
import type { Precedence } from "#platform/http/gate.ts";
import { sendGuarded } from "#platform/http/guarded.ts";
import { HttpPool, passOver } from "#platform/http/http-pool.ts";
import { timeLeftHeader } from "#platform/http/time-left.ts";
import { clientHeaders, proofHeader, provenRequest, type Sender } from "#platform/http/sender.ts";
import type { HttpApp } from "#platform/http/server.ts";
import { isKind } from "#platform/kit/errors.ts";
import type { NeighbourGuard } from "#platform/rpc/neighbour.ts";
import { Scope, deadlineExceeded } from "#platform/rpc/scope.ts";
import { wasNotSent } from "#platform/rpc/status.ts";
import { traceparentOf } from "#platform/telemetry/trace.ts";
import { html } from "#platform/web/html.ts";
import { countRequest } from "./admit.ts";
import type { GatewayContext } from "./context.ts";
import { refusal } from "./errors.ts";
import { problemOf } from "./problem.ts";
import { securityHeaders } from "./security-headers.ts";

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
  timeLeftHeader,
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
): Promise<() => void> {
  const common = { url, tls: ctx.shop.httpTls };
  const pages = new HttpPool({ ...common, connectionsMax: 128, pauseMsMax: pausesMsMax });
  // Streams of events last: pages must not wait for their connections.
  const live = new HttpPool({ ...common, connectionsMax: 512, pauseMsMax: 65_000 });
  const service = prefix === "/admin" ? "admin" : "storefront";
  const guard = ctx.openGuard(service, (timeoutMs) => isAlive(pages, timeoutMs));
  const way: Way = { service, pages, live, guard, streams: new Set() };
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    // Bodies pass through as they come; whoever makes the pages has limits of their own.
    scope.addContentTypeParser("*", (_request, payload, parsed) => parsed(null, payload));
    const paths = prefix === "" ? ["/*"] : [prefix, `${prefix}/*`];
    const precedence = prefix === "" ? precedenceOfPage : "always";
    for (const path of paths)
      scope.all(path, { config: { precedence } }, (request, reply) => passOn(ctx, way, request, reply));
    // A stream of events ends only when somebody ends it; readers open another one at the next replica.
    scope.addHook("preClose", (closed) => {
      for (const stream of way.streams) stream.abort();
      closed();
    });
    done();
  });
  return () => {
    pages.close();
    live.close();
  };
}

/** As the storefront itself says it of its pages. */
export function precedenceOfPage({ url }: Pick<FastifyRequest, "url">): Precedence {
  const path = url.split("?", 1)[0] ?? "";
  if (/^\/(?:cart\/checkout$|checkout\/|orders\/|account\/orders$)/.test(path)) return "first";
  return /^\/(?:cart|account|logout)(?:\/|$)/.test(path) ? "second" : "last";
}

interface Way {
  readonly service: "storefront" | "admin";
  readonly pages: HttpPool;
  readonly live: HttpPool;
  readonly guard: NeighbourGuard | undefined;
  /** Answers that last until they are ended. */
  readonly streams: Set<AbortController>;
}

/** Between two parts of a page that has begun. */
const pausesMsMax = 10_000;
/** A body comes as fast as whoever sends it can; the page's own time begins when it is there. */
const uploadMsMax = 60_000;

async function passOn(
  ctx: GatewayContext,
  way: Way,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const sender = await countRequest(ctx, request);
  const hangUp = new AbortController();
  const scope = openScope(ctx, way, request);
  scope.onEnd((reason) => hangUp.abort(reason));
  reply.raw.once("close", () => {
    scope.cancel();
    hangUp.abort();
  });
  try {
    const answer = await send(ctx, way, { request, sender, scope, signal: hangUp.signal });
    scope.close();
    // The service that made the page has said what went wrong.
    request.isTold = true;
    reply.code(answer.statusCode ?? 502).headers(keptHeaders(answer.headers));
    if (String(answer.headers["content-type"]).startsWith("text/event-stream")) {
      way.streams.add(hangUp);
      reply.raw.once("close", () => way.streams.delete(hangUp));
      reply.header("connection", "close");
    }
    return await reply.send(answer);
  } catch (error) {
    scope.close();
    const facts = { err: error, requestId: request.id };
    if (isKind(error, "canceled")) ctx.log.debug(facts, "A visitor hung up before the page was there.");
    // The guard has said so once.
    else if (wasNotSent(error)) ctx.log.debug(facts, "A service of pages was not asked.");
    else ctx.log.warn(facts, "A service of pages does not answer.");
    request.isTold = true;
    return await sayUnreachable(ctx, request, reply);
  }
}

interface Passing {
  readonly request: FastifyRequest;
  readonly sender: Sender;
  readonly scope: Scope;
  readonly signal: AbortSignal;
}

async function send(
  ctx: GatewayContext,
  { guard, ...way }: Way,
  { request, sender, scope, signal }: Passing,
) {
  const isLive = asksForEvents(request);
  const body = (request.body as Readable | undefined) ?? null;
  const attempt = async () =>
    await (isLive ? way.live : way.pages).request({
      method: request.method,
      path: request.url,
      headers: {
        ...forwardedHeaders(ctx, request, sender),
        ...(isLive ? {} : { [timeLeftHeader]: String(Math.max(1, Math.floor(scope.remainingMs))) }),
      },
      body,
      signal,
    });
  const isRepeatable = body === null && (request.method === "GET" || request.method === "HEAD");
  return await (guard ? sendGuarded(guard, attempt, { scope, isRepeatable }) : attempt());
}

/** How long a page may take to begin. Whoever browses waits a second at most, for a cart two, to have something done ten. */
function openScope(ctx: GatewayContext, way: Way, request: FastifyRequest): Scope {
  const limitMs = pageLimitMs(way, request);
  const body = request.body as Readable | undefined;
  if (!body) return new Scope(ctx.clock, limitMs);
  const scope = new Scope(ctx.clock, uploadMsMax + limitMs);
  body.once("end", () => {
    const timer = ctx.clock.after(limitMs, () => scope.cancel(deadlineExceeded()));
    scope.onEnd(() => timer.stop());
  });
  return scope;
}

function pageLimitMs({ service }: Way, { method, url }: FastifyRequest): number {
  const isRead = method === "GET" || method === "HEAD";
  if (service === "admin") return isRead ? 9_900 : 30_000;
  const [path = "/"] = url.split("?");
  if (/^\/cart(\/|$)/.test(path) && path !== "/cart/checkout") return 1_900;
  if (!isRead) return 9_900;
  return /^\/(account|orders|checkout)(\/|$)/.test(path) ? 4_900 : 950;
}

function asksForEvents({ headers }: FastifyRequest): boolean {
  return headers.accept?.startsWith("text/event-stream") ?? false;
}

async function isAlive(pool: HttpPool, timeoutMs: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    await passOver(await pool.request({ method: "GET", path: "/health", signal }));
    return true;
  } catch {
    return false;
  }
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
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>One moment, please</title>
      </head>
      <body>
        <main>
          <h1>One moment, please</h1>
          <p>The pages of the shop cannot be reached right now. Try again in a moment.</p>
          <p>What was in your cart is still there, and no order is lost.</p>
          <p><small>Request ${request.id}</small></p>
        </main>
      </body>
    </html> `;
  return await reply.type("text/html; charset=utf-8").send(page.text);
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
