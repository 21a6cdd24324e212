import { Type } from "@fastify/type-provider-typebox";
import { CurrencyCode, listFields, listOf, strict } from "./shapes.ts";
import { Product } from "./product.ts";

export const Ad = strict(
  { id: Type.String(), redirectUrl: Type.String(), text: Type.String(), imageUrl: Type.String() },
  { $id: "Ad" },
);
export const AdList = listOf(Ad);

export const AdClick = strict({ redirectUrl: Type.String() }, { $id: "AdClick" });

const Words = (description: string, maxItems: number) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems, description }));

export const AdQuery = strict({
  contextKeys: Words("What the page is about, separated by commas.", 50),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20, default: 2 })),
});

export const RecommendationQuery = strict({
  productIds: Words("Ids, codes or slugs the visitor looks at, separated by commas.", 100),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20, default: 5 })),
  currency: Type.Optional(CurrencyCode),
});

export const RecommendationList = strict(listFields(Product), { $id: "RecommendationList" });
