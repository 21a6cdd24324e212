import { recordActivity, type ActivityCall } from "#platform/activity/activity.ts";
import { changedFields } from "#platform/activity/changes.ts";
import type { Database, Tx } from "#platform/database/db.ts";
import type { Transactor } from "#platform/database/kept-answers.ts";
import { newId } from "#platform/kit/ids.ts";
import { findRow, requireFree, requireParent, requireSlug, type CategoryDraft } from "./category-draft.ts";
import { nameKeyOf, parseCategoryWish, type CategoryRow } from "./category.ts";
import {
  ensureCategories,
  freeSlug,
  insertCategory,
  listCategories,
  lockCategories,
  type FoundCategory,
} from "./category-store.ts";
import {
  deleteCategoryRow,
  hasOnlyMembers,
  listMembers,
  liftChildren,
  lockCategory,
  lockMembers,
  moveMembers,
  updateCategoryRow,
} from "./category-write-store.ts";
import { invalidField, refusal } from "./errors.ts";

/** Who writes, and what belongs to the transaction of every write. */
interface Writer {
  readonly call: ActivityCall;
  /** For a write that changes what products say. */
  readonly written: (tx: Tx, productIds: readonly string[]) => Promise<void>;
}

/** Makes a category and returns its id. A slug that is not named is made, until it is free. */
export async function createCategory(
  within: Transactor,
  draft: CategoryDraft,
  call: ActivityCall,
): Promise<string> {
  const { name = "", slug, parent = "", position, description = "" } = draft;
  if (name === "") throw invalidField("name", "is required");
  return await within.inTransaction(async (tx) => {
    await lockCategories(tx);
    const rows = await listCategories(tx);
    const id = newId();
    const parentId = requireParent(rows, parent, undefined);
    requireFree(rows, { id, name, slug, parentId });
    const ready = slug ?? (await freeSlug(tx, requireSlug(name), nameKeyOf(name)));
    await insertCategory(tx, { id, slug: ready, name, isNameMade: false, description, parentId, position });
    const after = { slug: ready, name, parentId, position };
    await recordActivity(tx, { action: "category.create", subject: { kind: "category", id }, after, call });
    return id;
  });
}

/** Changes what the draft names and returns the category's id. */
export async function updateCategory(
  db: Database,
  key: string,
  draft: CategoryDraft,
  { call, written }: Writer,
): Promise<string> {
  return await db.inTransaction(async (tx) => {
    await lockCategories(tx);
    const rows = await listCategories(tx);
    const known = requireCategory(rows, key);
    const parentId = draft.parent === undefined ? known.parentId : requireParent(rows, draft.parent, known);
    const { name = known.name, slug = known.slug, position = known.position } = draft;
    const { description = known.description } = draft;
    const after: CategoryRow = { id: known.id, parentId, name, slug, position, description };
    requireFree(rows, after);
    if (isSame(known, after)) return known.id;
    await updateCategoryRow(tx, after, draft.name !== undefined);
    const changed = changedFields({ ...known }, { ...known, ...after });
    const subject = { kind: "category", id: known.id };
    await recordActivity(tx, { action: "category.change", subject, ...changed, call });
    // What products say of their categories is slugs.
    if (slug !== known.slug) await written(tx, await listMembers(tx, known.id));
    return known.id;
  });
}

function requireCategory(rows: readonly CategoryRow[], key: string): CategoryRow {
  const known = findRow(rows, key);
  if (!known) throw refusal("CATEGORY_NOT_FOUND");
  return known;
}

function isSame(before: CategoryRow, after: CategoryRow): boolean {
  return (Object.keys(after) as (keyof CategoryRow)[]).every((field) => before[field] === after[field]);
}

const partSize = 1_000;
/** Where products are that nobody put elsewhere. */
const rest = "uncategorized";

/**
 * Takes a category away. What is in it moves up to the one above; at the top, products that are in no other category go to
 * "uncategorized". Many products move in parts, each of them whole.
 */
export async function deleteCategory(db: Database, key: string, { call, written }: Writer): Promise<void> {
  const { id, slug, name, parentId } = requireCategory(await listCategories(db), key);
  for (let moved = partSize; moved === partSize;)
    moved = await db.inTransaction(async (tx) => await movePart(tx, id, written));
  await db.inTransaction(async (tx) => {
    await lockCategories(tx);
    if (!(await lockCategory(tx, id))) throw refusal("CATEGORY_NOT_FOUND");
    while ((await movePart(tx, id, written)) === partSize);
    await liftChildren(tx, id);
    await deleteCategoryRow(tx, id);
    const before = { slug, name, parentId };
    await recordActivity(tx, { action: "category.delete", subject: { kind: "category", id }, before, call });
  });
}

async function movePart(tx: Tx, id: string, written: Writer["written"]): Promise<number> {
  const productIds = await lockMembers(tx, id, partSize);
  const from = findRow(await listCategories(tx), id);
  if (!from || productIds.length === 0) return 0;
  const isRestNeeded = from.parentId === null && (await hasOnlyMembers(tx, id, productIds));
  const to = isRestNeeded ? (await restOf(tx)).id : from.parentId;
  if (to === id) throw refusal("CATEGORY_IN_USE");
  await moveMembers(tx, productIds, { from: id, to, isUp: from.parentId !== null });
  await written(tx, productIds);
  return productIds.length;
}

async function restOf(tx: Tx): Promise<FoundCategory> {
  const wish = parseCategoryWish(rest);
  const found = wish && (await ensureCategories(tx, [wish])).get(wish.key);
  if (!found) throw new Error("The category of the rest cannot be made.");
  return found;
}
