import type { DeleteProductRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { recordRetired } from "../product-activity.ts";
import { parseProductKey } from "../product.ts";
import { findProduct } from "../product-store.ts";
import { deleteProduct as markDeleted } from "../product-write-store.ts";
import { lockForEdit } from "../write-product.ts";

export async function deleteProduct(ctx: CatalogContext, request: DeleteProductRequest, call: Call) {
  requireAdmin(call);
  const key = parseProductKey(request.id);
  const known = key && (await findProduct(ctx.db, key));
  if (!known) throw refusal("PRODUCT_NOT_FOUND");
  const deleted = await ctx.db.inTransaction(async (tx) => {
    const locked = await lockForEdit(tx, known.id, request.editTags);
    if (!locked) return 0;
    await ctx.note(tx, call, [known.id]);
    const count = await markDeleted(tx, known.id);
    if (count > 0) await recordRetired(tx, locked, call);
    return count;
  });
  ctx.recent.forget();
  if (deleted === 0) throw refusal("PRODUCT_NOT_FOUND");
  return {};
}
