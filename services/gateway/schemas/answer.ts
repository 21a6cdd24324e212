import { Type } from "@fastify/type-provider-typebox";
import { choice, strict } from "./shapes.ts";

const serviceStatus = choice(["up", "degraded", "down"]);

const exampleDetail = { lacks: [], ageMs: 412, breaker: "closed" };

export const Health = strict(
  {
    status: choice(["ok", "degraded", "down"]),
    services: Type.Record(Type.String(), serviceStatus),
    details: Type.Array(
      strict({
        service: Type.String(),
        status: serviceStatus,
        lacks: Type.Array(Type.String(), { description: "Sentences: what it has to do without." }),
        ageMs: Type.Integer({ minimum: 0, description: "How long ago it was looked at." }),
        breaker: choice(["closed", "half-open", "open"]),
      }),
      { description: "Each service, with what it lacks and whether the gateway still asks it." },
    ),
  },
  {
    $id: "Health",
    examples: [
      {
        status: "degraded",
        services: { catalog: "up", cart: "down" },
        details: [
          { service: "catalog", status: "up", ...exampleDetail },
          { service: "cart", status: "down", ...exampleDetail, lacks: ["Its database cannot be reached."] },
        ],
      },
    ],
  },
);

const Path = Type.String({ description: "A path of this origin; {userId} may be `me`." });

export const ApiIndex = strict(
  {
    name: Type.String(),
    version: Type.String({ description: "Of the API." }),
    links: strict({ docs: Path, openapi: Path, health: Path, jwks: Path }),
    resources: Type.Record(Type.String(), Path),
    signIn: strict({ register: Path, login: Path, guest: Path }),
  },
  {
    $id: "ApiIndex",
    examples: [
      {
        name: "Stoa REST API",
        version: "1.0.0",
        links: {
          docs: "/docs",
          openapi: "/openapi.json",
          health: "/api/health",
          jwks: "/.well-known/jwks.json",
        },
        resources: { products: "/api/products", cart: "/api/cart/{userId}", orders: "/api/orders" },
        signIn: {
          register: "/api/users/register",
          login: "/api/users/login",
          guest: "/api/users/guest",
        },
      },
    ],
  },
);

export const Accepted = strict(
  {},
  { $id: "Accepted", description: "The same whatever becomes of it: what it tells, only a mail does." },
);

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "A full sentence for the caller." }),
    code: Type.String({ description: "Stable, for programs.", examples: ["CART_EMPTY"] }),
    requestId: Type.String({ description: "Name it when you ask us about this answer." }),
    errors: Type.Optional(Type.Array(strict({ path: Type.String(), message: Type.String() }))),
  },
  {
    $id: "Problem",
    description: "RFC 9457. Some codes add members of their own, such as `lines` or `quote`.",
    examples: [
      {
        type: "urn:stoa:error:VALIDATION_FAILED",
        title: "Validation failed",
        status: 400,
        detail: "items[0].quantity: must be <= 99",
        code: "VALIDATION_FAILED",
        requestId: "3f6c1a52-6f0f-4f58-9a6e-2d5b2a0d1c11",
        errors: [{ path: "items[0].quantity", message: "must be <= 99" }],
      },
    ],
  },
);
