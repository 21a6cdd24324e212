import type { CreateProductRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { invalidField, productNotFound } from "../errors.ts";
import { toProduct } from "../product.ts";
import { parseProduct } from "../product-draft.ts";
import { findProduct } from "../product-store.ts";
import { createProduct as create } from "../product-writing.ts";

export async function createProduct(ctx: CatalogContext, request: CreateProductRequest, call: Call) {
  const { userId } = requireAdmin(call);
  if (!request.product) throw invalidField("product", "is required");
  const currencyCode = ctx.config.CATALOG_CURRENCY;
  const draft = parseProduct(request.product, currencyCode);
  const id = await create(ctx.db, draft, { currencyCode, actor: userId });
  ctx.recent.forget();
  const product = await findProduct(ctx.db, { id });
  if (!product) throw productNotFound();
  return { product: toProduct(product) };
}
