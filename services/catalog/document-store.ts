import type { Queryable } from "#platform/database/db.ts";
import type { SearchDocument } from "./provider.ts";

/** Those of these products that are on sale, as engines are told of them, in the order of their ids. */
export async function findDocuments(db: Queryable, productIds: readonly string[]): Promise<SearchDocument[]> {
  return await db.rows<SearchDocument>(
    `select p.id, p.name, p.description, p.keywords, p.attributes,
            coalesce(member.slugs, '{}') as categories, coalesce(member.ids, '{}') as "categoryIds"
     from products as p left join lateral (
       select array_agg(category.slug order by membership.position) as slugs,
              array_agg(category.id order by membership.position) as ids
       from product_categories as membership join categories as category on category.id = membership.category_id
       where membership.product_id = p.id) as member on true
     where p.id = any ($1::uuid[]) and p.deleted_at is null order by p.id`,
    [productIds],
  );
}

/** The next products on sale, in the order of their ids. */
export async function listProductIds(db: Queryable, after: string, limit: number): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(
    "select id from products where id > $1::uuid and deleted_at is null order by id limit $2",
    [after, limit],
  );
  return rows.map(({ id }) => id);
}
