import type { Queryable, Tx } from "#platform/database/db.ts";
import { newId } from "#platform/kit/ids.ts";
import {
  findWished,
  isNameFor,
  nameKeyOf,
  slugCandidates,
  type CategoryRow,
  type CategoryWish,
  type KnownCategory,
} from "./category.ts";
import { slugWithSuffix } from "./slug.ts";

/** All categories in their order. */
export async function listCategories(db: Queryable): Promise<CategoryRow[]> {
  return await db.rows<CategoryRow>(
    `select id, parent_id as "parentId", slug, name, description, position from categories order by position, id`,
  );
}

/** How many products are in each category and below it, by its id. */
export async function countCategories(db: Queryable): Promise<Map<string, bigint>> {
  const rows = await db.rows<{ id: string; products: bigint }>(
    `with recursive below as (
       select id as ancestor_id, id from categories
       union
       select below.ancestor_id, child.id from below join categories as child on child.parent_id = below.id
     ), counts as (
       select below.ancestor_id as id, count(distinct membership.product_id) as products
       from below join product_categories as membership on membership.category_id = below.id
       join products as p on p.id = membership.product_id and p.deleted_at is null
       group by below.ancestor_id
     )
     select category.id, coalesce(counts.products, 0) as products
     from categories as category left join counts on counts.id = category.id`,
  );
  return new Map(rows.map(({ id, products }) => [id, products]));
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

/** A category that a product is put into. */
export type FoundCategory = Pick<KnownCategory, "id" | "slug">;

/**
 * The categories that are wished for, by the keys of the wishes; those that do not exist are made. None of them goes away before
 * the transaction ends.
 */
export async function ensureCategories(
  tx: Tx,
  wishes: readonly CategoryWish[],
): Promise<Map<string, FoundCategory>> {
  const distinct = [...new Map(wishes.map((wish) => [wish.key, wish])).values()];
  if (distinct.length === 0) return new Map();
  let known = await lockKnown(tx, distinct);
  const isSettled = (wish: CategoryWish) => {
    const found = findWished(wish, known);
    return found !== undefined && !isNameFor(found, wish);
  };
  if (!distinct.every(isSettled)) {
    await lockCategories(tx);
    known = await lockKnown(tx, distinct);
    for (const wish of distinct.toSorted((a, b) => (a.nameKey < b.nameKey ? -1 : 1))) {
      const found = findWished(wish, known);
      if (!found) known = [...known, await insertWished(tx, wish)];
      else if (isNameFor(found, wish))
        known = [...known.filter((other) => other !== found), await nameIt(tx, found, wish)];
    }
  }
  return new Map(
    distinct.flatMap((wish) => {
      const found = findWished(wish, known);
      return found ? [[wish.key, found] as const] : [];
    }),
  );
}

/** What a product is put into, each category once however it was wished for. */
export function placesOf(
  wishes: readonly CategoryWish[],
  found: ReadonlyMap<string, FoundCategory>,
): FoundCategory[] {
  const places = wishes.flatMap(({ key }) => found.get(key) ?? []);
  return [...new Map(places.map((place) => [place.id, place])).values()];
}

/** Whoever makes, renames or moves categories does it alone, so that no two get one name and no circle closes. */
export async function lockCategories(tx: Tx): Promise<void> {
  await tx.run("select pg_advisory_xact_lock(hashtext('catalog.categories'))");
}

/** Slugs of those wished for that are there, by the keys of the wishes; nothing is made. */
export async function findCategories(tx: Tx, wishes: readonly CategoryWish[]): Promise<Map<string, string>> {
  const known = wishes.length === 0 ? [] : await lockKnown(tx, wishes);
  return new Map(
    wishes.flatMap((wish) => {
      const found = findWished(wish, known);
      return found ? [[wish.key, found.slug] as const] : [];
    }),
  );
}

async function lockKnown(tx: Tx, wishes: readonly CategoryWish[]): Promise<KnownCategory[]> {
  return await tx.rows<KnownCategory>(
    `select id, slug, name, is_name_made as "isNameMade" from categories
     where slug = any ($1::text[]) or name_key = any ($2::text[]) order by position, id for key share`,
    [wishes.map(({ plainSlug }) => plainSlug), wishes.map(({ nameKey }) => nameKey)],
  );
}

async function insertWished(
  tx: Tx,
  { asSlug, name, nameKey, plainSlug }: CategoryWish,
): Promise<KnownCategory> {
  const slug = await freeSlug(tx, plainSlug, nameKey);
  const category = { id: newId(), slug, name, isNameMade: asSlug !== undefined };
  await insertCategory(tx, { ...category, description: "", parentId: null, position: undefined });
  return category;
}

async function nameIt(tx: Tx, found: KnownCategory, { name, nameKey }: CategoryWish): Promise<KnownCategory> {
  await tx.run("update categories set name = $2, name_key = $3, is_name_made = false where id = $1", [
    found.id,
    name,
    nameKey,
  ]);
  return { ...found, name, isNameMade: false };
}

/** Under lockCategories, or it may be taken the moment after. */
export async function freeSlug(tx: Tx, plainSlug: string, nameKey: string): Promise<string> {
  const candidates = slugCandidates(plainSlug, nameKey);
  const rows = await tx.rows<{ slug: string }>("select slug from categories where slug = any ($1::text[])", [
    candidates,
  ]);
  const taken = new Set(rows.map(({ slug }) => slug));
  return candidates.find((slug) => !taken.has(slug)) ?? slugWithSuffix(plainSlug);
}

export interface NewCategory extends KnownCategory {
  readonly description: string;
  readonly parentId: string | null;
  /** Undefined means behind all others. */
  readonly position: number | undefined;
}

export async function insertCategory(tx: Tx, category: NewCategory): Promise<void> {
  const { id, slug, name, isNameMade, description, parentId, position } = category;
  await tx.run(
    `insert into categories (id, slug, name, name_key, is_name_made, description, parent_id, position)
     values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, (select coalesce(max(position), 0) + 1 from categories)))`,
    [id, slug, name, nameKeyOf(name), isNameMade, description, parentId, position ?? null],
  );
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
      `insert into categories (id, slug, name, name_key, description, parent_id)
       values ($1, $2, $3, $4, $5, (select id from categories where slug = $6)) on conflict (slug) do nothing`,
      [newId(), slug, name, nameKeyOf(name), description, parent ?? null],
    );
  }
}
