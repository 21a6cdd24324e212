// public: anyone may look at what is on sale.
import type { ListProductsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { Queryable } from "#platform/database/db.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import { findCategoryBranch } from "../category-store.ts";
import type { CatalogContext } from "../context.ts";
import { cursorOf, parseListing, type Filter, type Listing } from "../listing.ts";
import {
  countFacets,
  countProducts,
  listProducts as listPage,
  type FacetRow,
  type ResolvedFilter,
} from "../listing-store.ts";
import { toProduct } from "../product.ts";
import { dearCount } from "../recent-answers.ts";
import { searchWords } from "../search.ts";
import { resolveSearch } from "../resolve-search.ts";

const searches = counter(
  "stoa_searches_total",
  "Searches for words, by outcome: found, or empty when nothing was. Many empty ones: people look for what the shop does not have, or does not call so.",
  ["outcome"],
);
for (const outcome of ["found", "empty"]) searches.inc({ outcome }, 0);

const nothing = { products: [], nextCursor: "", total: 0n, facets: [] };

/** So many of what an engine finds are looked at; filters narrow these. */
const foundMax = 1_000;

export async function listProducts(ctx: CatalogContext, request: ListProductsRequest) {
  const { baseCurrency, recent } = ctx;
  const { filter, ...page } = parseListing(request, baseCurrency);
  if (!filter) return nothing;
  const db = await ctx.db.reader();
  const resolved = await resolveFilter(db, ctx.engineSearch, filter, page);
  if (!resolved) {
    countSearch(filter, page, 0n);
    return nothing;
  }
  const key = JSON.stringify(resolved, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}` : value,
  );
  const isDear = (total: bigint) => total >= dearCount;
  const hasDear = (rows: readonly FacetRow[]) => isDear(rows.reduce((sum, { count }) => sum + count, 0n));
  const [{ products, end }, total, facets] = await Promise.all([
    listPage(db, resolved, page),
    recent.get(`total ${key}`, () => countProducts(db, resolved), isDear),
    request.withFacets ? recent.get(`facets ${key}`, () => countFacets(db, resolved), hasDear) : [],
  ]);
  countSearch(filter, page, total);
  return {
    products: products.map(toProduct),
    nextCursor: end ? cursorOf(page.sort, end) : "",
    total,
    facets: facetsOf(facets),
  };
}

/** Once for each search, not for each of its pages. */
function countSearch({ query }: Filter, { after }: Pick<Listing, "after">, total: bigint): void {
  if (query !== undefined && after === undefined) searches.inc({ outcome: total > 0n ? "found" : "empty" });
}

/** Undefined when nothing can match: no such category, or no word in the search. */
async function resolveFilter(
  db: Queryable,
  engineSearch: CatalogContext["engineSearch"],
  filter: Filter,
  { sort, after }: Pick<Listing, "sort" | "after">,
): Promise<ResolvedFilter | undefined> {
  const { category, query, ...same } = filter;
  const categoryIds = category === undefined ? undefined : await findCategoryBranch(db, category);
  if (categoryIds?.length === 0) return undefined;
  if (query === undefined) return { ...same, categoryIds, search: undefined };
  // A list that the house began to rank, it also ends: its places mean nothing to the engine.
  const isHouses = sort === "relevance" && after !== undefined && !after.isFound;
  if (engineSearch && !isHouses && searchWords(query).length > 0) {
    const found = await engineSearch.find({
      text: query,
      limit: foundMax,
      ...(categoryIds ? { categoryIds } : {}),
    });
    if (found) return { ...same, categoryIds, search: undefined, found };
  }
  const search = await resolveSearch(db, query);
  return search && { ...same, categoryIds, search };
}

function facetsOf(rows: readonly FacetRow[]) {
  const facets = new Map<string, { name: string; values: { value: string; count: bigint }[] }>();
  for (const { name, value, count } of rows) {
    const facet = facets.get(name) ?? { name, values: [] };
    facet.values.push({ value, count });
    facets.set(name, facet);
  }
  return [...facets.values()];
}
