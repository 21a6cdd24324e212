import type { Queryable } from "#platform/database/db.ts";
import { attributeAlternatives } from "./attributes.ts";
import type { Filter, Listing, Place, Sort } from "./listing.ts";
import type { ResolvedSearch } from "./search.ts";
import type { ProductRow } from "./product.ts";
import { productColumns } from "./product-store.ts";

/** A filter with the ids of its categories, and with its search words as an expression of PostgreSQL. */
export type ResolvedFilter = Omit<Filter, "query" | "category"> & {
  readonly categoryIds: readonly string[] | undefined;
  readonly search: ResolvedSearch | undefined;
  /** In place of `search`: what a search engine found, best first. */
  readonly found?: readonly string[] | undefined;
};

export interface FoundPage {
  readonly products: ProductRow[];
  /** Where the page ended, when there is more. */
  readonly end: Place | undefined;
}

const rank = `(1000000 * (ts_rank('{0.05, 0.2, 0.4, 1}', p.search, asked.words)
                          + case when p.sort_name = asked.plain then 2 when starts_with(p.sort_name, asked.plain) then 1 else 0 end))::bigint`;

/** The key is text in cursors; its type gives it back its order. */
const orders: { readonly [S in Sort]: { key: string; type: string; direction: "asc" | "desc" } } = {
  name: { key: "p.sort_name", type: "text", direction: "asc" },
  "-name": { key: "p.sort_name", type: "text", direction: "desc" },
  price: { key: "p.price_minor", type: "bigint", direction: "asc" },
  "-price": { key: "p.price_minor", type: "bigint", direction: "desc" },
  newest: { key: "p.created_at", type: "timestamptz", direction: "desc" },
  relevance: { key: rank, type: "bigint", direction: "desc" },
};

/** What an engine found stands in its order. */
const foundOrder = { key: "found.place", type: "bigint", direction: "asc" } as const;

/** One page in the order of the listing. Rows that come and go elsewhere neither shift it nor repeat in it. */
export async function listProducts(
  db: Queryable,
  filter: ResolvedFilter,
  { sort, limit, after }: Pick<Listing, "sort" | "limit" | "after">,
): Promise<FoundPage> {
  const isFound = sort === "relevance" && filter.found !== undefined;
  const { key, type, direction } = isFound ? foundOrder : orders[sort];
  const { from, where, values } = conditionsOf(filter);
  // An engine that left in the middle of a list leaves a number of products that were seen.
  const skipped = after?.isFound && !isFound ? ` offset ${values.add(after.key)}::bigint` : "";
  const place =
    after && skipped === ""
      ? ` and (${key}, p.id) ${direction === "asc" ? ">" : "<"} (${values.add(after.key)}::${type}, ${values.add(after.id)}::uuid)`
      : "";
  const rows = await db.rows<ProductRow & { key: string | bigint | Date }>(
    `with page as (
       select p.id, ${key} as key from products as p${from} where ${where}${place}
       order by ${key} ${direction}, p.id ${direction} limit ${values.add(limit + 1)}${skipped}
     )
     select page.key, ${productColumns} from page join products as p on p.id = page.id
     order by page.key ${direction}, page.id ${direction}`,
    values.list,
  );
  const products = rows.slice(0, limit);
  const last = products.at(-1);
  const end = last && rows.length > limit ? { key: keyText(last.key), id: last.id, isFound } : undefined;
  return { products, end };
}

function keyText(key: string | bigint | Date): string {
  return key instanceof Date ? key.toISOString() : String(key);
}

export async function countProducts(db: Queryable, filter: ResolvedFilter): Promise<bigint> {
  const { from, where, values } = conditionsOf(filter);
  const row = await db.row<{ total: bigint }>(
    `select count(*) as total from products as p${from} where ${where}`,
    values.list,
  );
  return row?.total ?? 0n;
}

export interface FacetRow {
  readonly name: string;
  readonly value: string;
  readonly count: bigint;
}

const facetsMax = 20;
const facetValuesMax = 30;

/** How many of the products found are in each category and have each attribute, the most frequent first. */
export async function countFacets(db: Queryable, filter: ResolvedFilter): Promise<FacetRow[]> {
  const { from, where, values } = conditionsOf(filter);
  return await db.rows<FacetRow>(
    `with matched as materialized (select p.id, p.attributes from products as p${from} where ${where}), counted as (
       select 'category' as name, category.slug as value, count(*) as count
       from matched join product_categories as membership on membership.product_id = matched.id
       join categories as category on category.id = membership.category_id group by category.slug
       union all
       select 'attributes.' || attribute.key, attribute.value #>> '{}', count(*)
       from matched, jsonb_each(matched.attributes) as attribute
       where jsonb_typeof(attribute.value) in ('string', 'number', 'boolean') group by attribute.key, attribute.value
     ), ranked as (
       select name, value, count, row_number() over (partition by name order by count desc, value) as place,
              sum(count) over (partition by name) as weight
       from counted
     ), limited as (
       select name, value, count, place, dense_rank() over (order by name <> 'category', weight desc, name) as name_place
       from ranked where place <= ${facetValuesMax}
     )
     select name, value, count from limited where name_place <= ${facetsMax} order by name_place, place`,
    values.list,
  );
}

/** Numbers the values of a statement as they are added. */
class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}

function conditionsOf(filter: ResolvedFilter): { from: string; where: string; values: Values } {
  const values = new Values();
  const parts = ["p.deleted_at is null"];
  let from = "";
  if (filter.search !== undefined) {
    const text = values.add(filter.search.expression);
    from = `, (select to_tsquery('simple', ${text}) || to_tsquery('english', ${text}) as words,
                      ${values.add(filter.search.plain)}::text as plain) as asked`;
    parts.push("p.search @@ asked.words");
  }
  if (filter.found !== undefined) {
    from = `, unnest(${values.add(filter.found)}::uuid[]) with ordinality as found (id, place)`;
    parts.push("p.id = found.id");
  }
  if (filter.categoryIds !== undefined)
    parts.push(`exists (select 1 from product_categories as membership
                        where membership.product_id = p.id and membership.category_id = any (${values.add(filter.categoryIds)}::uuid[]))`);
  if (filter.minPriceMinor !== undefined) parts.push(`p.price_minor >= ${values.add(filter.minPriceMinor)}`);
  if (filter.maxPriceMinor !== undefined) parts.push(`p.price_minor <= ${values.add(filter.maxPriceMinor)}`);
  if (filter.inStock !== undefined)
    parts.push(`${filter.inStock ? "" : "not "}exists (
      select 1 from stock join product_variants as variant on variant.id = stock.variant_id and variant.deleted_at is null
      where stock.product_id = p.id and stock.on_hand > stock.reserved)`);
  for (const wish of filter.attributes) {
    const alternatives = attributeAlternatives(wish).map(
      (json) => `p.attributes @> ${values.add(json)}::jsonb`,
    );
    parts.push(`(${alternatives.join(" or ")})`);
  }
  return { from, where: parts.join(" and "), values };
}
