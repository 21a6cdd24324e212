// public: anyone may look at what is on sale.
import type { ListProductsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { CatalogContext } from "../context.ts";
import { cursorOf, parseListing } from "../listing.ts";
import { countFacets, countProducts, listProducts as listPage, type FacetRow } from "../listing-store.ts";
import { toProduct } from "../product.ts";
import { resolveSearch } from "../searching.ts";

const nothing = { products: [], nextCursor: "", total: 0n, facets: [] };

export async function listProducts({ db, config }: CatalogContext, request: ListProductsRequest) {
  const { filter, ...page } = parseListing(request, config.CATALOG_CURRENCY);
  if (!filter) return nothing;
  const { query, ...plainFilter } = filter;
  const search = query === undefined ? undefined : await resolveSearch(db, query);
  if (query !== undefined && !search) return nothing;
  const resolved = { ...plainFilter, search };
  const [{ products, end }, total, facets] = await Promise.all([
    listPage(db, resolved, page),
    countProducts(db, resolved),
    request.withFacets ? countFacets(db, resolved) : [],
  ]);
  return {
    products: products.map(toProduct),
    nextCursor: end ? cursorOf(page.sort, end) : "",
    total,
    facets: facetsOf(facets),
  };
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
