import type { Queryable, Tx } from "#platform/database/db.ts";
import { nameKeyOf, type CategoryRow } from "./category.ts";

export async function updateCategoryRow(tx: Tx, row: CategoryRow, isNamed: boolean): Promise<void> {
  const { id, parentId, slug, name, description, position } = row;
  await tx.run(
    `update categories set parent_id = $2, slug = $3, name = $4, name_key = $5, description = $6, position = $7,
            is_name_made = is_name_made and not $8
     where id = $1`,
    [id, parentId, slug, name, nameKeyOf(name), description, position, isNamed],
  );
}

/** Waits for whoever is putting a product into it, and keeps others out until the transaction ends. */
export async function lockCategory(tx: Tx, id: string): Promise<boolean> {
  return (await tx.row("select id from categories where id = $1 for update", [id])) !== undefined;
}

/** Products that are in it themselves, those that were deleted included. */
export async function listMembers(db: Queryable, categoryId: string): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(
    "select product_id as id from product_categories where category_id = $1 order by product_id",
    [categoryId],
  );
  return rows.map(({ id }) => id);
}

/** The first of its products, locked until the transaction ends. */
export async function lockMembers(tx: Tx, categoryId: string, limit: number): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>(
    `select id from products where id in (
       select product_id from product_categories where category_id = $1 order by product_id limit $2)
     order by id for update`,
    [categoryId, limit],
  );
  return rows.map(({ id }) => id);
}

/** Whether one of these products is in no other category. */
export async function hasOnlyMembers(
  db: Queryable,
  categoryId: string,
  productIds: readonly string[],
): Promise<boolean> {
  const row = await db.row<{ found: boolean }>(
    `select exists (
       select 1 from unnest($2::uuid[]) as member (id)
       where not exists (select 1 from product_categories as other
                         where other.product_id = member.id and other.category_id <> $1)) as found`,
    [categoryId, productIds],
  );
  return row?.found ?? false;
}

/** Takes products out of a category: up into the one above, or, from the top, into `to` when they are in no other one. */
export async function moveMembers(
  tx: Tx,
  productIds: readonly string[],
  { from, to, isUp }: { readonly from: string; readonly to: string | null; readonly isUp: boolean },
): Promise<void> {
  await tx.run(
    `with taken as (
       delete from product_categories where category_id = $2 and product_id = any ($1::uuid[]) returning product_id, position
     )
     insert into product_categories (product_id, category_id, position)
     select product_id, $3::uuid, position from taken
     where $4 or not exists (select 1 from product_categories as other
                             where other.product_id = taken.product_id and other.category_id <> $2)
     on conflict (product_id, category_id) do nothing`,
    [productIds, from, to, isUp],
  );
  await tx.run(
    `update products as p set updated_at = now(), category = (
       select category.slug from product_categories as membership
       join categories as category on category.id = membership.category_id
       where membership.product_id = p.id order by membership.position limit 1)
     where p.id = any ($1::uuid[])`,
    [productIds],
  );
}

export async function liftChildren(tx: Tx, id: string): Promise<void> {
  await tx.run(
    "update categories set parent_id = (select parent_id from categories where id = $1) where parent_id = $1",
    [id],
  );
}

export async function deleteCategoryRow(tx: Tx, id: string): Promise<void> {
  await tx.run("delete from categories where id = $1", [id]);
}
