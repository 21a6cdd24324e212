import { treeOf, type CategoryNode } from "./category.ts";
import { countCategories, listCategories } from "./category-store.ts";
import type { Queryable } from "#platform/database/db.ts";
import type { CatalogContext } from "./context.ts";
import { dearCount } from "./recent-answers.ts";

/** What there is, is never a memory; how much is in it may be, where counting is dear and every category was counted. */
export async function readTree({
  db,
  recent,
}: Pick<CatalogContext, "recent"> & { readonly db: Queryable }): Promise<CategoryNode[]> {
  const rows = await listCategories(db);
  const isDear = (found: ReadonlyMap<string, bigint>) =>
    [...found.values()].some((count) => count >= dearCount);
  const count = async () => await recent.getSoon("categories", () => countCategories(db), isDear);
  let counts = await count();
  if (rows.some(({ id }) => !counts.has(id))) {
    recent.drop("categories");
    counts = await count();
  }
  return treeOf(rows, counts);
}

/** By id or slug. */
export function findNode(nodes: readonly CategoryNode[], key: string): CategoryNode | undefined {
  const all = nodes.flatMap(function below(node): CategoryNode[] {
    return [node, ...node.children.flatMap(below)];
  });
  return all.find(({ id }) => id === key) ?? all.find(({ slug }) => slug === key.normalize("NFC"));
}
