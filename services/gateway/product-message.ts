// Product writes of the REST API as the catalogue's contract has them.
import type { Static } from "@fastify/type-provider-typebox";
import type { JsonObject } from "@bufbuild/protobuf";
import { invalid } from "#platform/kit/errors.ts";
import { parseMoney } from "./money.ts";
import type { ProductEdit, ProductWrite, VariantEdit } from "./schemas/product.ts";

export type ProductEditJson = Static<typeof ProductEdit>;

export function productMessage(body: Static<typeof ProductWrite>) {
  const { price, variants = [], attributes, stockQuantity, ...rest } = body;
  return {
    ...rest,
    price: parseMoney(price, "price"),
    ...(stockQuantity === undefined ? {} : { stockQuantity: BigInt(stockQuantity) }),
    ...(attributes === undefined ? {} : { attributes: attributes as JsonObject }),
    variants: variants.map((variant, index) => ({
      sku: variant.sku,
      options: variant.options,
      ...(variant.price ? { price: parseMoney(variant.price, `variants[${index}].price`) } : {}),
      ...(variant.stockQuantity === undefined ? {} : { stockQuantity: BigInt(variant.stockQuantity) }),
    })),
  };
}

const clearable = ["description", "imageUrl", "categories", "attributes", "slug"] as const;

/** What is absent is left out, what is empty or null is named as cleared. */
export function editMessage(body: ProductEditJson, currencyCode: string, isMerge: boolean) {
  const { name, description, category, categories, imageUrl, code, slug, attributes } = body;
  const price = editedPrice(body.price, "price", { currencyCode, isMerge });
  return {
    name: name ?? "",
    description: description ?? "",
    category: category ?? "",
    categories: categories ?? [],
    imageUrl: imageUrl ?? "",
    code: code ?? "",
    slug: slug ?? "",
    ...(attributes ? { attributes: attributes as JsonObject } : {}),
    ...(price ? { price } : {}),
    variants: (body.variants ?? []).map((variant, index) =>
      variantMessage(variant, `variants[${index}]`, currencyCode),
    ),
    cleared: clearable.filter((field) => isEmptied(body[field])),
  };
}

function isEmptied(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

function variantMessage(
  { id, sku, options, price, stockQuantity }: Static<typeof VariantEdit>,
  path: string,
  currencyCode: string,
) {
  const own = editedPrice(price ?? undefined, `${path}.price`, { currencyCode, isMerge: false });
  const hasNoOptions = options !== undefined && Object.keys(options ?? {}).length === 0;
  return {
    id: id ?? "",
    sku: sku ?? "",
    options: options ?? {},
    ...(own ? { price: own } : {}),
    ...(typeof stockQuantity === "number" ? { stockQuantity: BigInt(stockQuantity) } : {}),
    cleared: [...(hasNoOptions ? ["options"] : []), ...(price === null ? ["price"] : [])],
  };
}

/** In a merge patch, an amount without a currency is in the shop's, and a currency without an amount changes nothing. */
function editedPrice(
  price: ProductEditJson["price"],
  path: string,
  { currencyCode, isMerge }: { currencyCode: string; isMerge: boolean },
) {
  if (price === undefined) return undefined;
  const { amount, currencyCode: given = isMerge ? currencyCode : undefined } = price;
  if (isMerge && amount === undefined && given === currencyCode) return undefined;
  if (amount === undefined) throw invalid([{ path: `${path}.amount`, message: "is required" }]);
  if (given === undefined) throw invalid([{ path: `${path}.currencyCode`, message: "is required" }]);
  return parseMoney({ amount, currencyCode: given }, path);
}
