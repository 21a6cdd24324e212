// public: anyone may look at what is on sale.
import { readTree } from "../category-tree.ts";
import type { CatalogContext } from "../context.ts";

export async function listCategories(ctx: CatalogContext) {
  return { categories: await readTree({ ...ctx, db: await ctx.db.reader() }) };
}
