// OpenFeature Remote Evaluation Protocol: flags for any OpenFeature client. Its bodies are its own, so it stands beside the REST API.
import { hash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { HttpApp } from "#platform/http/server.ts";
import { errorKinds } from "#platform/kit/errors.ts";
import type { FlagEvaluation, FlagSubject } from "#platform/kit/flags.ts";
import { countRequest } from "./admit.ts";
import { addCors } from "./cors.ts";
import type { GatewayContext } from "./context.ts";
import { isKnown } from "./entity-tag.ts";
import { parseJsonBody } from "./json-body.ts";
import { refusalOf } from "./problem.ts";
import { securityHeaders } from "./security-headers.ts";

const bulk = "/ofrep/v1/evaluate/flags";

/** What an evaluation fails with, in the words of OpenFeature. */
interface Failure {
  readonly errorCode: "PARSE_ERROR" | "INVALID_CONTEXT" | "FLAG_NOT_FOUND";
  readonly errorDetails: string;
}

/** Mounts both evaluations, for whoever asks: flags say nothing secret. Rules of fault injection are no flag here. */
export async function mountOfrep(app: HttpApp, ctx: GatewayContext): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, parsed) => parsed(null, body));
    const headers = { ...securityHeaders(ctx.config.GATEWAY_HSTS_SECONDS), "cache-control": "no-store" };
    scope.addHook("onRequest", async (request, reply) => {
      reply.headers(headers);
      await countRequest(ctx, request);
    });
    addCors(scope, ctx.corsOrigins);
    scope.setErrorHandler(refuse);
    const config = { precedence: "always" } as const;
    scope.post(bulk, { config }, async (request, reply) => await evaluateAll(ctx, request, reply));
    scope.post(`${bulk}/:key`, { config }, async (request, reply) => await evaluateOne(ctx, request, reply));
    // A page of the storefront would answer otherwise.
    for (const url of [bulk, `${bulk}/:key`])
      scope.route({ method: ["GET", "PUT", "PATCH", "DELETE"], url, config, handler: refuseMethod });
    done();
  });
}

async function evaluateOne(
  { flags }: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { key = "" } = request.params as { readonly key?: string };
  const subject = subjectOf(request.body);
  if ("errorCode" in subject) return await fail(reply, 400, { key, ...subject });
  const found = await flags.evaluate(key, subject);
  if (found) return await reply.send({ ...evaluationJson(found), cacheable: false });
  const errorDetails = "There is no flag of this name.";
  return await fail(reply, 404, { key, errorCode: "FLAG_NOT_FOUND", errorDetails });
}

async function evaluateAll(
  { flags }: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const subject = subjectOf(request.body);
  if ("errorCode" in subject) return await fail(reply, 400, subject);
  const states = await flags.list();
  const found = await Promise.all(states.map(({ name }) => flags.evaluate(name, subject)));
  const text = JSON.stringify({ flags: found.filter((one) => one !== undefined).map(evaluationJson) });
  const tag = `"${hash("sha256", text, "base64url").slice(0, 22)}"`;
  reply.header("etag", tag);
  if (isKnown(request.headers["if-none-match"], tag)) return await reply.code(304).send();
  return await reply.type("application/json; charset=utf-8").send(text);
}

function evaluationJson({ name, value, reason, variant, source }: FlagEvaluation) {
  return { key: name, value, reason, variant, metadata: { source } };
}

/** Whom the context is about: its targeting key. Without a body nothing is known of them. */
function subjectOf(body: unknown): FlagSubject | Failure {
  let asked: unknown;
  try {
    asked = body instanceof Uint8Array ? parseJsonBody(body) : undefined;
  } catch (error) {
    return { errorCode: "PARSE_ERROR", errorDetails: refusalOf(error).publicMessage };
  }
  if (asked === undefined) return {};
  if (!isRecord(asked)) return { errorCode: "PARSE_ERROR", errorDetails: "The body must be an object." };
  const { context = {} } = asked;
  if (!isRecord(context))
    return { errorCode: "INVALID_CONTEXT", errorDetails: "The context must be an object." };
  const key = context["targetingKey"] ?? context["userId"];
  if (key === undefined || key === null) return {};
  if (typeof key !== "string" || key.length > 256)
    return {
      errorCode: "INVALID_CONTEXT",
      errorDetails: "The targetingKey must be a text of at most 256 characters.",
    };
  return { userId: key };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function fail(reply: FastifyReply, status: number, body: object): Promise<FastifyReply> {
  return await reply.code(status).send(body);
}

async function refuseMethod(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  reply.header("allow", "POST");
  return await fail(reply, 405, { errorCode: "GENERAL", errorDetails: "Flags are asked for by POST." });
}

/** What is refused before an evaluation begins: too often, too large, or a defect of ours. */
async function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { kind, publicMessage, retryAfterSeconds } = refusalOf(error);
  if (kind === "internal") request.log.error({ err: error }, "Flags could not be evaluated.");
  if (retryAfterSeconds !== undefined) reply.header("retry-after", String(Math.ceil(retryAfterSeconds)));
  return await fail(reply, errorKinds[kind].http, { errorCode: "GENERAL", errorDetails: publicMessage });
}
