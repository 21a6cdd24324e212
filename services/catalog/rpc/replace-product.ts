import type { ReplaceProductRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { invalidField, refusal } from "../errors.ts";
import { parseProductKey, toProduct } from "../product.ts";
import { parseProduct } from "../product-draft.ts";
import { findProduct } from "../product-store.ts";
import { replaceProduct as replace } from "../write-product.ts";

export async function replaceProduct(ctx: CatalogContext, request: ReplaceProductRequest, call: Call) {
  const { userId } = requireAdmin(call);
  const key = parseProductKey(request.id);
  const known = key && (await findProduct(ctx.db, key));
  if (!known) throw refusal("PRODUCT_NOT_FOUND");
  if (!request.product) throw invalidField("product", "is required");
  const currencyCode = ctx.baseCurrency;
  const draft = parseProduct(request.product, currencyCode, ctx.fields);
  const outcome = await replace(ctx.db, known.id, draft, {
    currencyCode,
    actor: userId,
    written: async (tx, ids) => await ctx.note(tx, call, ids),
  });
  ctx.recent.forget();
  const product = outcome === "replaced" ? await findProduct(ctx.db, { id: known.id }) : undefined;
  if (!product) throw refusal("PRODUCT_NOT_FOUND");
  return { product: toProduct(product) };
}
