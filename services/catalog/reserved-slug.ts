/** Words that stand where a product's slug would in a path of the API, the storefront or the admin's pages. */
const reserved: ReadonlySet<string> = new Set([
  ...[
    "search",
    "new",
    "import",
    "imports",
    "export",
    "exports",
    "count",
    "facets",
    "suggestions",
    "suggest",
    "batch",
    "stock",
  ],
  ...["reviews", "categories", "variants", "sitemap", "feed", "index"],
]);

/** A product of this slug could not be reached under it. */
export function isReservedSlug(slug: string): boolean {
  return reserved.has(slug);
}
