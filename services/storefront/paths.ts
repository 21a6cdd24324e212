/** Where a category's page is. Slugs are in any script, and addresses are not. */
export function categoryPath(slug: string): string {
  return `/category/${encodeURIComponent(slug)}`;
}

/** By slug, id or code. */
export function productPath(key: string): string {
  return `/product/${encodeURIComponent(key)}`;
}
