import { Type } from "@fastify/type-provider-typebox";
import { endpoint } from "../endpoint.ts";
import { currentHealth } from "../health.ts";
import { ApiIndex, Health } from "../schemas/answer.ts";

interface Documents {
  /** What `/api` answers. */
  index(): object;
  openApi(): string;
  page(): string;
  plain(): { readonly html: string; readonly contentSecurityPolicy: string };
}

/** What is read about the API rather than through it; `documents` can be made once all endpoints are known. */
export function operationEndpoints(documents: Documents, docsPolicy: string) {
  const health = endpoint({
    id: "getHealth",
    method: "GET",
    path: "/api/health",
    journey: "admin",
    tag: "Operations",
    summary: "Show the state of every service",
    description:
      "Answers 200 also when a service is down; `status` tells. Within a second whatever hangs: each service was looked at `ageMs` ago.",
    access: "anyone",
    status: 200,
    answer: Health,
    isAlwaysUp: true,
    run: async (ctx) => await currentHealth(ctx.shop, ctx.clock),
  });
  const openApi = endpoint({
    id: "getOpenApi",
    method: "GET",
    path: "/openapi.json",
    journey: "admin",
    tag: "Operations",
    summary: "This document",
    access: "anyone",
    status: 200,
    answer: Type.Object({}, { description: "OpenAPI 3.1." }),
    contentType: "application/json; charset=utf-8",
    isAlwaysUp: true,
    run: async () => await Promise.resolve(documents.openApi()),
  });
  const jwks = endpoint({
    id: "getJwks",
    method: "GET",
    path: "/.well-known/jwks.json",
    journey: "admin",
    tag: "Operations",
    summary: "The public keys that tokens are verified with",
    access: "anyone",
    status: 200,
    answer: Type.Object({ keys: Type.Array(Type.Object({})) }, { description: "A JSON Web Key Set." }),
    isAlwaysUp: true,
    run: async (ctx) => ({ keys: await ctx.verifier.publicJwks() }),
  });
  return [indexEndpoint(documents), health, openApi, ...pagesOf(documents, docsPolicy), jwks];
}

function indexEndpoint(documents: Documents) {
  return endpoint({
    id: "getIndex",
    method: "GET",
    path: "/api",
    journey: "admin",
    tag: "Operations",
    summary: "Where everything is",
    access: "anyone",
    status: 200,
    answer: ApiIndex,
    isAlwaysUp: true,
    run: async () => await Promise.resolve(documents.index()),
  });
}

/** The document for people. */
function pagesOf(documents: Documents, docsPolicy: string) {
  const docs = endpoint({
    id: "getDocs",
    method: "GET",
    path: "/docs",
    journey: "admin",
    tag: "Operations",
    summary: "This document as a page for people, where it can be tried",
    access: "anyone",
    status: 200,
    answer: Type.String(),
    contentType: "text/html; charset=utf-8",
    contentSecurityPolicy: () => docsPolicy,
    isAlwaysUp: true,
    run: async () => await Promise.resolve(documents.page()),
  });
  const plain = endpoint({
    id: "getPlainDocs",
    method: "GET",
    path: "/docs/plain",
    journey: "admin",
    tag: "Operations",
    summary: "This document as a page without scripts",
    access: "anyone",
    status: 200,
    answer: Type.String(),
    contentType: "text/html; charset=utf-8",
    contentSecurityPolicy: () => documents.plain().contentSecurityPolicy,
    isAlwaysUp: true,
    run: async () => await Promise.resolve(documents.plain().html),
  });
  return [docs, plain];
}
