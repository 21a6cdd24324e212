import type { CreateCategoryRequest, UpdateCategoryRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { invalid, type FieldViolation } from "#platform/kit/errors.ts";
import { categoryNameLengthMax, nameKeyOf, type CategoryRow } from "./category.ts";
import { invalidField, refusal } from "./errors.ts";
import { isSlug, slugOf } from "./slug.ts";
import { isVisible } from "#platform/kit/visible-text.ts";

const descriptionLengthMax = 2_000;
const positionMax = 1_000_000_000;
const depthMax = 10;

/** What a write says of a category; what is undefined was not named. */
export interface CategoryDraft {
  readonly name: string | undefined;
  readonly slug: string | undefined;
  /** Id or slug; "" is the top. */
  readonly parent: string | undefined;
  readonly position: number | undefined;
  readonly description: string | undefined;
}

export type CategoryInput = Pick<
  CreateCategoryRequest | UpdateCategoryRequest,
  "name" | "slug" | "parentId" | "position" | "description"
>;

/** Throws one `invalid` that names every wrong field. */
export function parseCategory(input: CategoryInput): CategoryDraft {
  const faults: FieldViolation[] = [];
  const name = input.name?.normalize("NFC").trim().replace(/\s+/g, " ");
  const { slug, description, position } = input;
  if (name !== undefined && (name.length < 1 || name.length > categoryNameLengthMax))
    faults.push({ path: "name", message: `must have 1 to ${categoryNameLengthMax} characters` });
  else if (name !== undefined && !isReadable(name))
    faults.push({ path: "name", message: "must have something to see, and no control characters" });
  if (slug !== undefined && !isSlug(slug))
    faults.push({
      path: "slug",
      message: "must be small letters and digits of any script with single hyphens, at most 80 characters",
    });
  if (position !== undefined && (position < 0 || position > positionMax))
    faults.push({ path: "position", message: `must be from 0 to ${positionMax}` });
  if (description !== undefined && description.length > descriptionLengthMax)
    faults.push({ path: "description", message: `must have at most ${descriptionLengthMax} characters` });
  else if (description !== undefined && !isPlain(description.replace(/[\t\r\n]/g, " ")))
    faults.push({ path: "description", message: "must not contain control characters" });
  if (faults.length > 0) throw invalid(faults);
  return { name, slug, parent: input.parentId?.normalize("NFC"), position, description };
}

function isReadable(text: string): boolean {
  return isPlain(text) && isVisible(text);
}

function isPlain(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/** The slug that a name asks for. */
export function requireSlug(name: string): string {
  const slug = slugOf(name);
  if (slug === undefined || !isSlug(slug))
    throw invalidField("slug", "is required, because the name has no letters or digits to make one of");
  return slug;
}

/** The category that stands there under this id or slug. */
export function findRow<Row extends { readonly id: string; readonly slug: string }>(
  rows: readonly Row[],
  key: string,
): Row | undefined {
  return rows.find(({ id }) => id === key) ?? rows.find(({ slug }) => slug === key.normalize("NFC"));
}

/** The id of the one above, or null at the top; throws where `child` cannot hang there. */
export function requireParent(
  rows: readonly CategoryRow[],
  parent: string,
  child: CategoryRow | undefined,
): string | null {
  if (parent === "") return null;
  const found = findRow(rows, parent);
  if (!found) throw invalidField("parentId", "must be the id or the slug of a category");
  const above = lineOf(rows, found);
  if (child && above.includes(child)) throw refusal("CATEGORY_CYCLE");
  if (above.length + (child ? heightOf(rows, child) : 1) > depthMax)
    throw invalidField("parentId", `must leave the tree at most ${depthMax} categories deep`);
  return found.id;
}

/** It and all that are above it. */
function lineOf(rows: readonly CategoryRow[], from: CategoryRow): CategoryRow[] {
  const line: CategoryRow[] = [];
  for (let at: CategoryRow | undefined = from; at && !line.includes(at);)
    at = (line.push(at), rows.find(({ id }) => id === line.at(-1)?.parentId));
  return line;
}

function heightOf(rows: readonly CategoryRow[], from: CategoryRow): number {
  const below = rows.filter(({ parentId }) => parentId === from.id);
  return 1 + Math.max(0, ...below.map((row) => heightOf(rows, row)));
}

/** Throws when others are in the way of this slug, or of this name at this place. */
export function requireFree(
  rows: readonly CategoryRow[],
  wanted: Pick<CategoryRow, "id" | "name" | "parentId"> & { readonly slug: string | undefined },
): void {
  const others = rows.filter(({ id }) => id !== wanted.id);
  if (others.some(({ slug }) => slug === wanted.slug)) throw refusal("CATEGORY_SLUG_TAKEN");
  const key = nameKeyOf(wanted.name);
  if (others.some(({ name, parentId }) => parentId === wanted.parentId && nameKeyOf(name) === key))
    throw refusal("CATEGORY_NAME_TAKEN");
}
