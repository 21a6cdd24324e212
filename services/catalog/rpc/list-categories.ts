// public: anyone may look at what is on sale.
import { treeOf } from "../category.ts";
import { listCategories as listRows } from "../category-store.ts";
import type { CatalogContext } from "../context.ts";

export async function listCategories({ db }: CatalogContext) {
  return { categories: treeOf(await listRows(db)) };
}
