import {
  CreateProductResponseSchema,
  type CreateProductRequest,
  type ProductWrite,
} from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import { answerOnce, keyedRequest } from "#platform/database/kept-answers.ts";
import type { NamedValue } from "#platform/kit/request-hash.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { invalidField, refusal } from "../errors.ts";
import { toEditableProduct } from "../product.ts";
import { parseProduct } from "../product-draft.ts";
import { findProduct } from "../product-store.ts";
import { createProduct as create, type WriteContext } from "../write-product.ts";

export async function createProduct(ctx: CatalogContext, request: CreateProductRequest, call: Call) {
  const { userId } = requireAdmin(call);
  const { product: wish, idempotencyKey } = request;
  if (!wish) throw invalidField("product", "is required");
  const { baseCurrency: currencyCode } = ctx;
  const written: WriteContext["written"] = async (tx, ids) => await ctx.note(tx, call, ids);
  return await answerOnce(ctx.db, keyedRequest(call, idempotencyKey, "create-product.1", meaningOf(wish)), {
    answer: CreateProductResponseSchema,
    effect: async (within) =>
      await create(within, parseProduct(wish, currencyCode, ctx.fields), {
        currencyCode,
        actor: userId,
        written,
        call,
      }),
    reply: async (id) => {
      ctx.recent.forget();
      const product = await findProduct(ctx.db, { id });
      if (!product) throw refusal("PRODUCT_NOT_FOUND");
      return { product: toEditableProduct(product) };
    },
  });
}

/** What an idempotency key of version 1 stands for. A field that comes later is undefined where nobody uses it. */
function meaningOf(wish: ProductWrite): { readonly [name: string]: NamedValue } {
  const { name, description, price, category, categories, imageUrl, stockQuantity, code, slug } = wish;
  return {
    name,
    description: description || undefined,
    price: moneyMeaning(price),
    category: category || undefined,
    categories: categories.length > 0 ? categories : undefined,
    imageUrl: imageUrl || undefined,
    stockQuantity,
    code: code || undefined,
    slug: slug || undefined,
    attributes: wish.attributes as NamedValue,
    variants:
      wish.variants.length > 0
        ? wish.variants.map((variant) => ({
            sku: variant.sku,
            options: variant.options,
            price: moneyMeaning(variant.price),
            stockQuantity: variant.stockQuantity,
          }))
        : undefined,
  };
}

function moneyMeaning(price: ProductWrite["price"]): NamedValue {
  return price && { currencyCode: price.currencyCode, minor: price.minor };
}
