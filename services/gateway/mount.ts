// Puts the endpoints on a Fastify instance, encapsulated: nothing here touches routes of others on the same origin.
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import { isHangUp } from "#platform/http/hang-up.ts";
import { isProvenBody } from "#platform/http/sender.ts";
import type { HttpApp } from "#platform/http/server.ts";
import { errorKinds, invalid, isReason } from "#platform/kit/errors.ts";
import { canceled } from "#platform/rpc/scope.ts";
import { neighbourUnavailable } from "#platform/rpc/status.ts";
import { requireIdempotencyKey } from "#platform/kit/idempotency-key.ts";
import { admit, countRequest, mediaTypeOf, type Admitted } from "./admit.ts";
import { addCors } from "./cors.ts";
import type { GatewayContext } from "./context.ts";
import {
  journeyOf,
  precedenceOf,
  type AnyEndpoint,
  type ApiRequest,
  type KeptAnswer,
  type Upload,
} from "./endpoint.ts";
import { degradedHeader } from "./marks.ts";
import { sendTagged, type TaggedAnswer } from "./entity-tag.ts";
import { refusal } from "./errors.ts";
import { mediaTypeRefusal, refusalOfUpload, sendFile } from "./files.ts";
import { parseJsonBody } from "./json-body.ts";
import { PathTable } from "./path-table.ts";
import { problemOf, refusalOf, type Problem } from "./problem.ts";
import { readQuery, type RawQuery } from "./query.ts";
import { securityHeaders } from "./security-headers.ts";
import { sharedSchemas } from "./schemas/all.ts";

declare module "fastify" {
  interface FastifyRequest {
    admitted: Admitted | undefined;
    /** Whether the service that sent it proved this body; undefined without one. */
    isBodyProven: boolean | undefined;
  }
  interface FastifyContextConfig {
    isBodyRaw?: boolean;
    isMergePatch?: boolean;
    upload?: Upload;
  }
}

/** Mounts all endpoints, and what answers wrong methods and unknown paths beside them. */
export async function mountApi(
  app: HttpApp,
  ctx: GatewayContext,
  endpoints: readonly AnyEndpoint[],
): Promise<void> {
  const table = new PathTable(endpoints);
  await app.register(async (scope) => {
    prepare(scope, ctx);
    for (const schema of sharedSchemas) scope.addSchema(schema);
    const uploads = endpoints.filter(({ upload }) => upload);
    for (const definition of endpoints) if (!definition.upload) mountEndpoint(scope, ctx, definition);
    for (const definition of uploads)
      await scope.register((own, _options, done) => {
        takeBytes(own, definition.upload?.mediaTypes ?? []);
        mountEndpoint(own, ctx, definition);
        done();
      });
    mountWrongMethods(scope, ctx, table);
    await scope.register(
      (api, _options, done) => {
        // In a hook, because a body is not read before its path is known.
        const refuse = (request: FastifyRequest, reply: FastifyReply) =>
          refuseUnrouted(ctx, table, request, reply);
        api.addHook("onRequest", refuse);
        // As routes, so that a catch-all beside them does not get what is under /api; and for methods no route can have.
        api.route({ method: api.supportedMethods, url: "/", prefixTrailingSlash: "slash", handler: refuse });
        api.all("/*", refuse);
        api.setNotFoundHandler(refuse);
        done();
      },
      { prefix: "/api" },
    );
  });
}

const mergePatch = "application/merge-patch+json";

function prepare(scope: HttpApp, ctx: GatewayContext): void {
  scope.decorateRequest("admitted", undefined);
  scope.decorateRequest("isBodyProven", undefined);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    ["application/json", mergePatch],
    { parseAs: "buffer" },
    (request, body, done) => {
      const { isMergePatch = false } = request.routeOptions.config;
      if (!isMergePatch && mediaTypeOf(request.headers["content-type"]) === mergePatch)
        return done(mediaTypeRefusal(undefined), undefined);
      if (request.admitted) request.isBodyProven = isProvenBody(request.admitted.sender, body as Buffer);
      if (request.routeOptions.config.isBodyRaw) return done(null, body);
      try {
        done(null, parseJsonBody(body as Buffer));
      } catch (error) {
        done(error as Error, undefined);
      }
    },
  );
  const headers = securityHeaders(ctx.config.GATEWAY_HSTS_SECONDS);
  scope.addHook("onRequest", (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
  addCors(scope, ctx.corsOrigins);
  scope.setErrorHandler((error, request, reply) => {
    const thrown = isHangUp(error, request)
      ? canceled()
      : refusalOfUpload(error, request.routeOptions.config.upload);
    const problem = problemOf(thrown, request.id);
    if (problem.status >= 500) logFailure(ctx, thrown, request, problem);
    return sendProblem(reply, problem);
  });
}

/** Files are bytes and nothing else; JSON is no file. */
function takeBytes(scope: HttpApp, mediaTypes: readonly string[]): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser([...mediaTypes], { parseAs: "buffer" }, (request, body, done) => {
    if (request.admitted) request.isBodyProven = isProvenBody(request.admitted.sender, body as Buffer);
    done(null, body);
  });
}

/** Edits of products, and orders with the stock they take. */
function changesGoods(definition: AnyEndpoint): boolean {
  return definition.method !== "GET" && (journeyOf(definition) === "admin" || definition.isFinished === true);
}

function mountEndpoint(scope: HttpApp, ctx: GatewayContext, definition: AnyEndpoint): void {
  const { method, path: url, query, body, rawBody, upload, status, run, isMergePatch = false } = definition;
  const isBytes = rawBody !== undefined || upload !== undefined;
  const onRequest: onRequestAsyncHookHandler = async (request, reply) => {
    refuseEncodedBody(request, upload);
    request.admitted = await admit(ctx, definition, request, reply);
  };
  scope.route({
    method,
    url,
    schema: body ? { body } : {},
    config: {
      isBodyRaw: rawBody !== undefined,
      isMergePatch,
      precedence: precedenceOf(definition),
      ...(upload ? { upload } : {}),
    },
    ...(upload ? { bodyLimit: upload.bytesMax } : {}),
    onRequest,
    ...(definition.isBodyOptional ? { preValidation: fillInBody } : {}),
    handler: async (request, reply) => {
      if (!body && !isBytes) refuseBody(request);
      const admitted = request.admitted as Admitted;
      const values = query ? readQuery(query, request.query as RawQuery) : undefined;
      const taken = isBytes ? { rawBody: request.body ?? admitted.rawBody } : { body: request.body };
      const idempotencyKey = definition.isKeyed ? keyOf(request) : "";
      const isProven = request.isBodyProven ?? isProvenBody(admitted.sender, undefined);
      const service = isProven ? admitted.service : undefined;
      const complete = { ...admitted, query: values, ...taken, idempotencyKey, service };
      const answer = await run(ctx, complete as unknown as ApiRequest<never, never>);
      if (changesGoods(definition)) ctx.goods.noteChange();
      const { header } = admitted.marks;
      if (header !== undefined) reply.header(degradedHeader, header);
      if (definition.file !== undefined) return await sendFile(reply, answer as KeptAnswer);
      reply.code(status);
      if (status === 204) return await reply.send();
      if (definition.isTagged) return await sendTagged(request, reply, answer as TaggedAnswer);
      const policy = definition.contentSecurityPolicy?.();
      if (policy !== undefined) reply.header("content-security-policy", policy);
      if (definition.contentType) return await reply.type(definition.contentType).send(answer);
      return await reply.send(answer);
    },
  });
}

function fillInBody(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  request.body ??= {};
  done();
}

function keyOf(request: FastifyRequest): string {
  const key = request.headers["idempotency-key"];
  return key === undefined ? "" : requireIdempotencyKey(String(key), "Idempotency-Key");
}

/** Where no body is expected, nothing or an empty object may come. */
function refuseBody(request: FastifyRequest): void {
  const { body } = request;
  if (body === undefined || body === null) return;
  const fields = typeof body === "object" && !Array.isArray(body) ? Object.keys(body) : undefined;
  if (fields?.length === 0) return;
  const violations = (fields ?? [""]).slice(0, 20).map((path) => ({
    path: path.slice(0, 100),
    message: fields ? "is not a known field" : "No body is expected here.",
  }));
  throw invalid(violations);
}

/** We unpack nothing: a small body that unpacks to a large one is a bomb. */
function refuseEncodedBody(request: FastifyRequest, upload: Upload | undefined): void {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") throw mediaTypeRefusal(upload);
}

/**
 * A wrong method on a known path mostly finds no route and ends in refuseUnrouted; but where a parameter of another path would
 * catch it (PUT /api/products/search), and outside of /api, it needs a route of its own.
 */
function mountWrongMethods(scope: HttpApp, ctx: GatewayContext, table: PathTable): void {
  for (const { path, methods } of table.wrongMethods()) {
    scope.route({
      method: [...methods],
      url: path,
      onRequest: (request, reply) => refuseUnrouted(ctx, table, request, reply),
      handler: (request, reply) => refuseUnrouted(ctx, table, request, reply),
    });
  }
}

async function refuseUnrouted(
  ctx: GatewayContext,
  table: PathTable,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<never> {
  await countRequest(ctx, request);
  const path = request.url.split("?", 1)[0] ?? "";
  const allowed = table.methodsOf(path);
  if (!allowed) throw refusal("ROUTE_NOT_FOUND");
  // The router has found no place for it, though the path is one of ours: whatever is named there does not exist.
  if (allowed.includes(request.method)) throw refusal("NOT_FOUND");
  const methods = allowed.join(", ");
  reply.header("allow", methods);
  throw refusal("METHOD_NOT_ALLOWED", { publicMessage: `This path answers ${methods} only.` });
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type("application/problem+json")
    .send(JSON.stringify(problem.body));
}

function logFailure(ctx: GatewayContext, error: unknown, request: FastifyRequest, problem: Problem): void {
  const refusal = refusalOf(error);
  const facts = { requestId: request.id, traceId: request.trace.traceId, code: refusal.reason };
  // A provider that says no, a shop that is closed for the moment: meant, and no failure of a part of ours.
  request.isTold = !isReason(refusal, neighbourUnavailable, "DATABASE_UNAVAILABLE", "DEADLINE_EXCEEDED");
  if (problem.status === errorKinds.internal.http)
    ctx.log.error(
      { ...facts, err: refusal.cause ?? refusal },
      "A request failed with an error nobody expected.",
    );
  else ctx.log.debug(facts, "A request was refused because a part of the shop is not there.");
}
