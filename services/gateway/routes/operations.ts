import { Type } from "@fastify/type-provider-typebox";
import { endpoint } from "../endpoint.ts";
import { ApiIndex, Health } from "../schemas/answer.ts";

interface Documents {
  /** What `/api` answers. */
  readonly index: object;
  readonly openApi: string;
  readonly page: string;
  readonly contentSecurityPolicy: string;
}

/** What is read about the API rather than through it; `documents` is made once all endpoints are known. */
export function operationEndpoints(documents: Documents) {
  const health = endpoint({
    id: "getHealth",
    method: "GET",
    path: "/api/health",
    tag: "Operations",
    summary: "Show the state of every service",
    description: "Answers 200 also when a service is down; `status` tells.",
    access: "anyone",
    status: 200,
    answer: Health,
    isAlwaysUp: true,
    run: async (ctx) => await ctx.health.current(),
  });
  const openApi = endpoint({
    id: "getOpenApi",
    method: "GET",
    path: "/openapi.json",
    tag: "Operations",
    summary: "This document",
    access: "anyone",
    status: 200,
    answer: Type.Object({}, { description: "OpenAPI 3.1." }),
    contentType: "application/json; charset=utf-8",
    isAlwaysUp: true,
    run: async () => await Promise.resolve(documents.openApi),
  });
  const docs = endpoint({
    id: "getDocs",
    method: "GET",
    path: "/docs",
    tag: "Operations",
    summary: "This document as a page for people",
    access: "anyone",
    status: 200,
    answer: Type.String(),
    contentType: "text/html; charset=utf-8",
    contentSecurityPolicy: () => documents.contentSecurityPolicy,
    isAlwaysUp: true,
    run: async () => await Promise.resolve(documents.page),
  });
  const jwks = endpoint({
    id: "getJwks",
    method: "GET",
    path: "/.well-known/jwks.json",
    tag: "Operations",
    summary: "The public keys that tokens are verified with",
    access: "anyone",
    status: 200,
    answer: Type.Object({ keys: Type.Array(Type.Object({})) }, { description: "A JSON Web Key Set." }),
    isAlwaysUp: true,
    run: async (ctx) => ({ keys: await ctx.verifier.publicJwks() }),
  });
  return [indexEndpoint(documents), health, openApi, docs, jwks];
}

function indexEndpoint(documents: Documents) {
  return endpoint({
    id: "getIndex",
    method: "GET",
    path: "/api",
    tag: "Operations",
    summary: "Where everything is",
    access: "anyone",
    status: 200,
    answer: ApiIndex,
    isAlwaysUp: true,
    run: async () => await Promise.resolve(documents.index),
  });
}
