/** Words that stand, or may come to stand, where a product's slug would in a path of the API or of the shop's pages. */
const reserved: ReadonlySet<string> = new Set([
  "search",
  "new",
  "import",
  "imports",
  "export",
  "exports",
  "batch",
  "facets",
  "suggestions",
  "sitemap",
]);

/** A product of this slug could not be reached under it. */
export function isReservedSlug(slug: string): boolean {
  return reserved.has(slug);
}
