import { Type } from "@fastify/type-provider-typebox";
import { Slug } from "./product.ts";
import { Id, listOf, nullable, strict, text } from "./shapes.ts";

export const Category = strict(
  {
    id: Id,
    parentId: nullable(Id),
    slug: Type.String(),
    name: Type.String(),
    description: Type.String(),
    position: Type.Integer({ description: "The smaller one stands first among those with one parent." }),
    productCount: Type.Integer({ description: "Products in it and below it." }),
    children: Type.Array(Type.Unsafe<unknown>({ $ref: "Category#" })),
  },
  { $id: "Category" },
);
export const CategoryList = listOf(Category);

const ParentId = Type.Unsafe<string | null>({
  type: ["string", "null"],
  maxLength: 100,
  description: "Id or slug of the category above; null is the top.",
});
const Position = Type.Integer({
  minimum: 0,
  maximum: 1_000_000_000,
  description: "The smaller one stands first among those with one parent. Default: last.",
});

export const CategoryWrite = strict(
  {
    name: text(80),
    slug: Type.Optional(Slug),
    parentId: Type.Optional(ParentId),
    position: Type.Optional(Position),
    description: Type.Optional(text(2_000, 0)),
  },
  { $id: "CategoryWrite", examples: [{ name: "Tea", description: "Leaves and what they are brewed in." }] },
);

export const CategoryChange = strict(
  {
    name: Type.Optional(text(80)),
    slug: Type.Optional(Slug),
    parentId: Type.Optional(ParentId),
    position: Type.Optional(Position),
    description: Type.Optional(text(2_000, 0)),
  },
  { $id: "CategoryChange", examples: [{ name: "Tea and coffee", position: 1 }] },
);
