import type { Category } from "#gen/rest/types.ts";

/** From the top of the tree to the category with this slug; empty when there is none. */
export function findTrail(categories: readonly Category[], slug: string): Category[] {
  for (const category of categories) {
    if (category.slug === slug) return [category];
    const below = findTrail(category.children ?? [], slug);
    if (below.length > 0) return [category, ...below];
  }
  return [];
}
