import type { ReplaceProductRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { invalidField, refusal } from "../errors.ts";
import { parseProductKey, toEditableProduct } from "../product.ts";
import { findProduct } from "../product-store.ts";
import { editProduct } from "../write-product.ts";

export async function replaceProduct(ctx: CatalogContext, request: ReplaceProductRequest, call: Call) {
  const { userId } = requireAdmin(call);
  const key = parseProductKey(request.id);
  const known = key && (await findProduct(ctx.db, key));
  if (!known) throw refusal("PRODUCT_NOT_FOUND");
  const { product: write, editTags, mergesAttributes } = request;
  if (!write) throw invalidField("product", "is required");
  const outcome = await editProduct(
    ctx.db,
    known.id,
    { write, mergesAttributes },
    {
      currencyCode: ctx.baseCurrency,
      fields: ctx.fields,
      actor: userId,
      editTags,
      call,
      written: async (tx, ids) => await ctx.note(tx, call, ids),
    },
  );
  ctx.recent.forget();
  const product = outcome === "done" ? await findProduct(ctx.db, { id: known.id }) : undefined;
  if (!product) throw refusal("PRODUCT_NOT_FOUND");
  return { product: toEditableProduct(product) };
}
