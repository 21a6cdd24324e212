// public: anyone may look at what is on sale.
import { treeOf, type CategoryRow } from "../category.ts";
import { listCategories as listRows } from "../category-store.ts";
import type { CatalogContext } from "../context.ts";
import { dearCount } from "../recent-answers.ts";

export async function listCategories({ db, recent }: CatalogContext) {
  const isDear = (found: readonly CategoryRow[]) =>
    found.some(({ productCount }) => productCount >= dearCount);
  const rows = await recent.get("categories", () => listRows(db), isDear);
  return { categories: treeOf(rows) };
}
