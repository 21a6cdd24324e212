// public: anyone may look at what is on sale.
import type { ListProductsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { Queryable } from "#platform/database/db.ts";
import { findCategoryBranch } from "../category-store.ts";
import type { CatalogContext } from "../context.ts";
import { cursorOf, parseListing, type Filter } from "../listing.ts";
import {
  countFacets,
  countProducts,
  listProducts as listPage,
  type FacetRow,
  type ResolvedFilter,
} from "../listing-store.ts";
import { toProduct } from "../product.ts";
import { dearCount } from "../recent-answers.ts";
import { resolveSearch } from "../searching.ts";

const nothing = { products: [], nextCursor: "", total: 0n, facets: [] };

export async function listProducts(
  { db, baseCurrency, recent }: CatalogContext,
  request: ListProductsRequest,
) {
  const { filter, ...page } = parseListing(request, baseCurrency);
  const resolved = filter && (await resolveFilter(db, filter));
  if (!resolved) return nothing;
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
  return {
    products: products.map(toProduct),
    nextCursor: end ? cursorOf(page.sort, end) : "",
    total,
    facets: facetsOf(facets),
  };
}

/** Undefined when nothing can match: no such category, or no word in the search. */
async function resolveFilter(db: Queryable, filter: Filter): Promise<ResolvedFilter | undefined> {
  const { category, query, ...same } = filter;
  const categoryIds = category === undefined ? undefined : await findCategoryBranch(db, category);
  const search = query === undefined ? undefined : await resolveSearch(db, query);
  if (categoryIds?.length === 0 || (query !== undefined && !search)) return undefined;
  return { ...same, categoryIds, search };
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
