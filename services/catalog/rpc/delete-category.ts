import type { DeleteCategoryRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { deleteCategory as remove } from "../write-category.ts";

export async function deleteCategory(ctx: CatalogContext, { id }: DeleteCategoryRequest, call: Call) {
  requireAdmin(call);
  await remove(ctx.db, id, async (tx, ids) => await ctx.note(tx, call, ids));
  ctx.recent.forget();
  return {};
}
