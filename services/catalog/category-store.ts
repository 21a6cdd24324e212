import type { Queryable, Tx } from "#platform/database/db.ts";
import { newId } from "#platform/kit/ids.ts";
import type { CategoryRow, CategoryWish } from "./category.ts";

/** All categories with the number of products in them and below them. */
export async function listCategories(db: Queryable): Promise<CategoryRow[]> {
  return await db.rows<CategoryRow>(
    `with recursive below as (
       select id as ancestor_id, id from categories
       union all
       select below.ancestor_id, child.id from below join categories as child on child.parent_id = below.id
     ), counts as (
       select below.ancestor_id as id, count(distinct membership.product_id) as products
       from below join product_categories as membership on membership.category_id = below.id
       join products as p on p.id = membership.product_id and p.deleted_at is null
       group by below.ancestor_id
     )
     select category.id, category.parent_id as "parentId", category.slug, category.name, category.description,
            coalesce(counts.products, 0) as "productCount"
     from categories as category left join counts on counts.id = category.id
     order by category.position`,
  );
}

/** Ids of a category and of all below it; none when there is no such category. */
export async function findCategoryBranch(db: Queryable, slug: string): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(
    `with recursive branch as (
       select id from categories where slug = $1
       union select child.id from categories as child join branch on child.parent_id = branch.id
     )
     select id from branch`,
    [slug],
  );
  return rows.map(({ id }) => id);
}

/** Ids of the wished categories by slug; those that do not exist are made. */
export async function ensureCategories(
  tx: Tx,
  wishes: readonly CategoryWish[],
): Promise<Map<string, string>> {
  // In one order, so that two writers cannot wait for each other.
  const sorted = [...new Map(wishes.map((wish) => [wish.slug, wish])).values()].sort((a, b) =>
    a.slug < b.slug ? -1 : 1,
  );
  const slugs = sorted.map(({ slug }) => slug);
  const known = await findCategoryIds(tx, slugs);
  const missing = sorted.filter(({ slug }) => !known.has(slug));
  if (missing.length === 0) return known;
  await tx.run(
    `insert into categories (id, slug, name) select id, slug, name from unnest($1::uuid[], $2::text[], $3::text[])
     as wished (id, slug, name) on conflict (slug) do nothing`,
    [missing.map(() => newId()), missing.map(({ slug }) => slug), missing.map(({ name }) => name)],
  );
  return await findCategoryIds(tx, slugs);
}

async function findCategoryIds(tx: Tx, slugs: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.rows<{ id: string; slug: string }>(
    "select id, slug from categories where slug = any ($1::text[])",
    [slugs],
  );
  return new Map(rows.map(({ id, slug }) => [slug, id]));
}

export interface CategorySeed {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly parent?: string;
}

/** Adds categories whose parents come before them; existing ones stay as they are. */
export async function insertCategories(tx: Tx, categories: readonly CategorySeed[]): Promise<void> {
  for (const { slug, name, description, parent } of categories) {
    await tx.run(
      `insert into categories (id, slug, name, description, parent_id)
       values ($1, $2, $3, $4, (select id from categories where slug = $5)) on conflict (slug) do nothing`,
      [newId(), slug, name, description, parent ?? null],
    );
  }
}
