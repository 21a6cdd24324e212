import { Type } from "@fastify/type-provider-typebox";
import { choice, strict } from "./shapes.ts";

export const Health = strict(
  {
    status: choice(["ok", "degraded"]),
    services: Type.Record(Type.String(), choice(["up", "down"])),
  },
  { $id: "Health", examples: [{ status: "ok", services: { catalog: "up", cart: "up" } }] },
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
