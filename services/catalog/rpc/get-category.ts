// public: anyone may look at what is on sale.
import type { GetCategoryRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { findNode, readTree } from "../category-tree.ts";
import type { CatalogContext } from "../context.ts";
import { refusal } from "../errors.ts";

export async function getCategory(ctx: CatalogContext, { id }: GetCategoryRequest) {
  const category = findNode(await readTree({ ...ctx, db: await ctx.db.reader() }), id);
  if (!category) throw refusal("CATEGORY_NOT_FOUND");
  return { category };
}
