import type { UpdateCategoryRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import type { Tx } from "#platform/database/db.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { parseCategory } from "../category-draft.ts";
import { findNode, readTree } from "../category-tree.ts";
import type { CatalogContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { updateCategory as update } from "../write-category.ts";

export async function updateCategory(ctx: CatalogContext, request: UpdateCategoryRequest, call: Call) {
  requireAdmin(call);
  const draft = parseCategory(request);
  const written = async (tx: Tx, ids: readonly string[]) => await ctx.note(tx, call, ids);
  const id = await update(ctx.db, request.id, draft, { call, written });
  ctx.recent.forget();
  const category = findNode(await readTree(ctx), id);
  if (!category) throw refusal("CATEGORY_NOT_FOUND");
  return { category };
}
