// What a process answers that has more to do than it can: early, in words, and to those first who can wait best.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { streamed, verifyCall } from "#platform/auth/service-proof.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { newRandomId, randomFraction } from "#platform/kit/ids.ts";
import { cleanRequestId } from "#platform/rpc/grpc-server.ts";
import { gateLimit, httpShed } from "#platform/telemetry/metrics.ts";
import { Gate, type Class, type Pass, type Precedence } from "./gate.ts";
import { proofHeader, provenRequest } from "./sender.ts";
import type { HttpApp } from "./server.ts";
import { problemHeaders, problemText } from "./wire.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whose turn a request of this route is where not all can be served; `last` where nothing is said. */
    precedence?: Precedence | ((request: FastifyRequest) => Precedence);
  }
}

export interface OverloadOptions {
  readonly service: string;
  readonly clock: Clock;
  /** Key with which services prove their names. */
  readonly serviceKey: string;
}

/** Paths whose turn is known before they are routed; more are routed first. */
const knownMax = 5_000;
const knownLengthMax = 200;

/**
 * Refuses requests with 503 and `Retry-After` while the process cannot keep up, before anything is done for them; `precedence` of the route
 * says who gives way to whom, and those of the first class wait for their turn. What a service of this shop asks in its own name is part of
 * a request that was let in before, and not counted again; what it only hands on is.
 */
export class OverloadGuard {
  readonly #options: OverloadOptions;
  readonly #gate: Gate;
  /** By method and path, as routing has found it: most of what a full shop is asked for, it was asked for before. */
  readonly #known = new Map<string, Class>();

  constructor(options: OverloadOptions) {
    this.#options = options;
    const { service, clock } = options;
    this.#gate = new Gate({ clock, onLimit: (limit) => gateLimit.set({ service }, limit) });
  }

  /** Answers a request that is to be turned away for a fraction of what routing it costs; true when it did. */
  refusesEarly(request: IncomingMessage, response: ServerResponse): boolean {
    const precedence = this.#known.get(keyOf(request));
    if (precedence === undefined || !this.#gate.isClosedTo(precedence)) return false;
    if (request.headers[proofHeader] !== undefined) return false;
    httpShed.inc({ service: this.#options.service, precedence });
    const requestId = cleanRequestId(String(request.headers["x-request-id"] ?? "")) ?? newRandomId();
    const { headers, body } = refusalOf(request, requestId);
    response.writeHead(503, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(request.method === "HEAD" ? undefined : body);
    return true;
  }

  /** To be called before any other hook is added. */
  guard(app: HttpApp): void {
    app.addHook("onRequest", (request, reply, done) => {
      const { precedence: said = "last" } = request.routeOptions.config;
      const precedence = typeof said === "function" ? said(request) : said;
      request.isOwn = isOwnCall(request, this.#options);
      if (precedence === "always" || request.isOwn) return done();
      this.#remember(keyOf(request), precedence);
      const onTurn = (pass: Pass | undefined) => {
        if (!pass) return this.#refuse(request, reply, precedence);
        reply.raw.once("close", () => pass.leave());
        done();
      };
      const leaveLine = this.#gate.enter(precedence, onTurn);
      if (leaveLine) reply.raw.once("close", leaveLine);
    });
  }

  #remember(key: string, precedence: Class): void {
    if (key.length > knownLengthMax || this.#known.get(key) === precedence) return;
    if (this.#known.size >= knownMax) this.#known.clear();
    this.#known.set(key, precedence);
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, precedence: Class): void {
    httpShed.inc({ service: this.#options.service, precedence });
    // Meant, and told by a counter: a line for each would be one more thing to do.
    request.isTold = true;
    const { headers, body } = refusalOf(request, request.id);
    void reply.code(503).headers(headers).send(body);
  }
}

function keyOf({ method = "", url = "" }: Pick<IncomingMessage, "method" | "url">): string {
  const end = url.indexOf("?");
  return `${method} ${end < 0 ? url : url.slice(0, end)}`;
}

/** A proof costs a hash, and only services send one. */
function isOwnCall(
  { method, url, headers }: FastifyRequest,
  { serviceKey, clock }: OverloadOptions,
): boolean {
  const proof = headers[proofHeader];
  if (typeof proof !== "string") return false;
  const proven = verifyCall(proof, serviceKey, clock.now().getTime(), provenRequest(method, url, headers));
  return proven !== undefined && proven.bodyHash !== streamed;
}

const detail = "The shop has more to do than it can right now. Nothing was done; ask again in a moment.";

function refusalOf({ headers, url = "" }: Pick<IncomingMessage, "headers" | "url">, requestId: string) {
  // At random: not all at once again.
  const told = { "retry-after": String(1 + Math.floor(randomFraction() * 3)), "x-request-id": requestId };
  const wantsPage = String(headers.accept).includes("text/html") && !url.startsWith("/api/");
  if (wantsPage) return { headers: { ...pageHeaders, ...told }, body: page };
  return {
    headers: { ...problemHeaders, ...told },
    body: problemText(503, "OVERLOADED", detail, requestId),
  };
}

const pageHeaders = {
  ...problemHeaders,
  "content-type": "text/html; charset=utf-8",
} as const;

/** In English, whatever the language of the shop: nothing is looked up for somebody who is turned away. */
const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Very busy</title></head>
<body>
<h1>The shop is very busy.</h1>
<p>More people are here than it can serve right now. Nothing was done with what you sent. Please try again in a moment.</p>
</body>
</html>
`;
