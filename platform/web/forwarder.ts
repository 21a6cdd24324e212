// Requests that another service of HTTP answers: they go on as they come, with the word of whoever hands them on, and come back as a stream.
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { signCall, streamed } from "#platform/auth/service-proof.ts";
import type { FastifyReply, FastifyRequest } from "#platform/http/fastify.ts";
import type { Precedence } from "#platform/http/gate.ts";
import { sendGuarded } from "#platform/http/guarded.ts";
import { HttpPool, passOver } from "#platform/http/http-pool.ts";
import { timeLeftHeader } from "#platform/http/time-left.ts";
import { clientHeaders, proofHeader, provenRequest, type Sender } from "#platform/http/sender.ts";
import type { HttpApp } from "#platform/http/server.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { isKind } from "#platform/kit/errors.ts";
import type { ShopFacts } from "#platform/kit/service.ts";
import type { NeighbourGuard } from "#platform/rpc/neighbour.ts";
import { Scope, deadlineExceeded } from "#platform/rpc/scope.ts";
import { wasNotSent } from "#platform/rpc/status.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { traceHeaders } from "#platform/telemetry/trace.ts";
import { html, type Html } from "./html.ts";

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
  "tracestate",
  "baggage",
  "traceparent",
  proofHeader,
  timeLeftHeader,
  ...Object.values(clientHeaders),
]);

/** Between two parts of an answer that has begun. */
const pausesMsMax = 10_000;
/** A body comes as fast as whoever sends it can; the answer's own time begins when it is there. */
const uploadMsMax = 60_000;

export interface ForwarderOptions {
  /** The service that hands on; it proves its name with each request. */
  readonly from: string;
  /** The service that answers. */
  readonly to: string;
  readonly url: string;
  readonly shop: Pick<ShopFacts, "httpTls" | "serviceKey">;
  readonly clock: Clock;
  readonly log: Logger;
  /** The guard that stands before the service; `knock` asks it for a sign of life. */
  readonly openGuard: (knock: (timeoutMs: number) => Promise<boolean>) => NeighbourGuard | undefined;
  /** Who sent a request; undefined for one that is nobody's here. */
  readonly senderOf: (request: FastifyRequest) => Promise<Sender | undefined> | Sender | undefined;
  /** How long an answer may take to begin once the body is there. */
  readonly limitMs: (request: FastifyRequest) => number;
  /** Answers in place of a service that does not. */
  readonly sayUnreachable: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
}

interface Passing {
  readonly request: FastifyRequest;
  readonly sender: Sender;
  readonly scope: Scope;
  readonly signal: AbortSignal;
}

/**
 * Hands requests on to one service of the shop and streams its answers back, headers and cookies as they are. Who asks, how and where is
 * decided here and believed there because of the proof; bodies are nobody's word, and their limits are those of the service that reads
 * them. A request without a body is sent again when its connection breaks, any other never.
 */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #pool: HttpPool;
  /** Streams of events last: everything else must not wait for their connections. */
  readonly #live: HttpPool;
  readonly #guard: NeighbourGuard | undefined;
  /** Answers that last until they are ended. */
  readonly #streams = new Set<AbortController>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { url, shop } = options;
    const common = { url, tls: shop.httpTls };
    this.#pool = new HttpPool({ ...common, connectionsMax: 128, pauseMsMax: pausesMsMax });
    this.#live = new HttpPool({ ...common, connectionsMax: 512, pauseMsMax: 65_000 });
    this.#guard = options.openGuard((timeoutMs) => this.#isAlive(timeoutMs));
  }

  /** Answers every method at these paths, as far as no other route does. */
  async mount(
    app: HttpApp,
    paths: readonly string[],
    precedence: Precedence | ((request: FastifyRequest) => Precedence),
  ): Promise<void> {
    await app.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, payload, parsed) => parsed(null, payload));
      for (const path of paths)
        scope.all(path, { config: { precedence } }, (request, reply) => this.#passOn(request, reply));
      // A stream of events ends only when somebody ends it; readers open another one at the next replica.
      scope.addHook("preClose", (closed) => {
        for (const stream of this.#streams) stream.abort();
        closed();
      });
      done();
    });
  }

  close(): void {
    this.#pool.close();
    this.#live.close();
  }

  async #passOn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { log, to } = this.#options;
    const sender = await this.#options.senderOf(request);
    if (!sender) {
      reply.callNotFound();
      return reply;
    }
    const hangUp = new AbortController();
    const scope = this.#openScope(request);
    scope.onEnd((reason) => hangUp.abort(reason));
    reply.raw.once("close", () => {
      scope.cancel();
      hangUp.abort();
    });
    try {
      const answer = await this.#send({ request, sender, scope, signal: hangUp.signal });
      scope.close();
      // The service that answered has said what went wrong.
      request.isTold = true;
      reply.code(answer.statusCode ?? 502).headers(keptHeaders(answer.headers));
      if (String(answer.headers["content-type"]).startsWith("text/event-stream")) {
        this.#streams.add(hangUp);
        reply.raw.once("close", () => this.#streams.delete(hangUp));
        reply.header("connection", "close");
      }
      return await reply.send(answer);
    } catch (error) {
      scope.close();
      const facts = { err: error, requestId: request.id, neighbour: to };
      if (isKind(error, "canceled")) log.debug(facts, "Somebody hung up before the answer was there.");
      // The guard has said so once.
      else if (wasNotSent(error)) log.debug(facts, "A service was not asked.");
      else log.warn(facts, "A service does not answer what was handed on to it.");
      request.isTold = true;
      return await this.#options.sayUnreachable(request, reply);
    }
  }

  async #send({ request, sender, scope, signal }: Passing) {
    const isLive = request.headers.accept?.startsWith("text/event-stream") ?? false;
    const body = (request.body as Readable | undefined) ?? null;
    const attempt = async () =>
      await (isLive ? this.#live : this.#pool).request({
        method: request.method,
        path: request.url,
        headers: {
          ...this.#forwardedHeaders(request, sender),
          ...(isLive ? {} : { [timeLeftHeader]: String(Math.max(1, Math.floor(scope.remainingMs))) }),
        },
        body,
        signal,
      });
    const isRepeatable = body === null && (request.method === "GET" || request.method === "HEAD");
    return await (this.#guard ? sendGuarded(this.#guard, attempt, { scope, isRepeatable }) : attempt());
  }

  #openScope(request: FastifyRequest): Scope {
    const { clock } = this.#options;
    const limitMs = this.#options.limitMs(request);
    const body = request.body as Readable | undefined;
    if (!body) return new Scope(clock, limitMs);
    const scope = new Scope(clock, uploadMsMax + limitMs);
    body.once("end", () => {
      const timer = clock.after(limitMs, () => scope.cancel(deadlineExceeded()));
      scope.onEnd(() => timer.stop());
    });
    return scope;
  }

  async #isAlive(timeoutMs: number): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      await passOver(await this.#pool.request({ method: "GET", path: "/health", signal }));
      return true;
    } catch {
      return false;
    }
  }

  /** Who asks, how and where; and once more in the words that programs know. */
  #forwardedHeaders(
    request: FastifyRequest,
    { address, scheme, host }: Sender,
  ): Record<string, string | string[]> {
    const { from, shop, clock } = this.#options;
    const headers = keptHeaders(request.headers);
    headers[clientHeaders.address] = headers["x-forwarded-for"] = address;
    headers[clientHeaders.host] = headers["x-forwarded-host"] = host;
    headers[clientHeaders.scheme] = headers["x-forwarded-proto"] = scheme;
    const call = { ...provenRequest(request.method, request.url, headers), bodyHash: streamed };
    headers[proofHeader] = signCall(from, shop.serviceKey, clock.now().getTime(), call);
    headers["x-request-id"] = request.id;
    return { ...headers, ...traceHeaders(request.trace) };
  }
}

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !notForwarded.has(name)) kept[name] = value;
  return kept;
}

/** What people read in place of a page whose service does not answer; it needs no style and no word of anybody else. */
export function unreachablePage(sentences: readonly string[], requestId: string): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>One moment, please</title>
      </head>
      <body>
        <main>
          <h1>One moment, please</h1>
          ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
          <p><small>Request ${requestId}</small></p>
        </main>
      </body>
    </html> `;
}
