import type { DeleteCategoryRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import type { Tx } from "#platform/database/db.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { deleteCategory as remove } from "../write-category.ts";

export async function deleteCategory(ctx: CatalogContext, { id }: DeleteCategoryRequest, call: Call) {
  requireAdmin(call);
  const written = async (tx: Tx, ids: readonly string[]) => await ctx.note(tx, call, ids);
  await remove(ctx.db, id, { call, written });
  ctx.recent.forget();
  return {};
}
