import { createHash } from "node:crypto";
import { isSlug, slugOf, slugWithSuffix } from "./slug.ts";

/** A category that a product wants to be in, by its slug or its name; it is made when it does not exist. */
export interface CategoryWish {
  /** Equal for wishes that cannot but mean the same category. */
  readonly key: string;
  /** What the text is as a slug; undefined when it is a name. */
  readonly asSlug: string | undefined;
  readonly name: string;
  readonly nameKey: string;
  /** The slug that its name would like to have. */
  readonly plainSlug: string;
}

export const categoryNameLengthMax = 80;

/** Reads a slug or a name; undefined when it can be neither. */
export function parseCategoryWish(text: string): CategoryWish | undefined {
  const name = squeezed(text);
  const plainSlug = name.length <= categoryNameLengthMax ? slugOf(name) : undefined;
  if (plainSlug === undefined || !isSlug(plainSlug)) return undefined;
  const asSlug = plainSlug === name ? plainSlug : undefined;
  const nameKey = nameKeyOf(name);
  return { key: asSlug ?? ` ${nameKey}`, asSlug, name: asSlug ? titleOf(asSlug) : name, nameKey, plainSlug };
}

/**
 * What names of categories are compared by. Case, spaces, what cannot be seen and the forms of Unicode make no other name of it; signs and marks do,
 * so that C, C++ and C#, or Creme and Crème, are never taken for each other.
 */
export function nameKeyOf(name: string): string {
  return squeezed(name.normalize("NFKC").replace(/\p{Default_Ignorable_Code_Point}/gu, "")).toLowerCase();
}

function squeezed(text: string): string {
  return text.normalize("NFC").trim().replace(/\s+/g, " ");
}

function titleOf(slug: string): string {
  const [first = "", ...others] = slug.replaceAll("-", " ");
  return first.toUpperCase() + others.join("");
}

/** Slugs for a name, the best first: where another category has it, one that every writer of this name would choose. */
export function slugCandidates(plainSlug: string, nameKey: string): [string, string] {
  const sum = createHash("sha256").update(nameKey).digest().readUIntBE(0, 6);
  return [plainSlug, slugWithSuffix(plainSlug, sum.toString(36).slice(-5))];
}

/** What there is of a category to be found by. */
export interface KnownCategory {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly isNameMade: boolean;
}

/**
 * The category that a wish means: a slug means the category that has it; a name the one that is called so, of several the one
 * whose slug fits, else the first.
 */
export function findWished(wish: CategoryWish, known: readonly KnownCategory[]): KnownCategory | undefined {
  const named = known.filter(({ name }) => nameKeyOf(name) === wish.nameKey);
  return (
    known.find(({ slug }) => slug === wish.asSlug) ??
    named.find(({ slug }) => slug === wish.plainSlug) ??
    named[0] ??
    known.find((category) => isNameFor(category, wish))
  );
}

/** A category that was made by its slug has no name of its own yet: the first name that reads like the slug is it. */
export function isNameFor({ slug, isNameMade }: KnownCategory, { asSlug, nameKey }: CategoryWish): boolean {
  return isNameMade && asSlug === undefined && nameKey.replace(/[\s-]+/g, "-") === slug;
}

export interface CategoryRow {
  readonly id: string;
  readonly parentId: string | null;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly position: number;
}

export interface CategoryNode {
  id: string;
  parentId: string;
  slug: string;
  name: string;
  description: string;
  position: number;
  productCount: bigint;
  children: CategoryNode[];
}

/** Rows in order become trees in the same order; what hangs below nothing that is there is left out. */
export function treeOf(rows: readonly CategoryRow[], counts: ReadonlyMap<string, bigint>): CategoryNode[] {
  const below = Map.groupBy(rows, (row) => row.parentId);
  const nodesOf = (parent: string | null): CategoryNode[] =>
    (below.get(parent) ?? []).map((row) => ({
      ...row,
      parentId: row.parentId ?? "",
      productCount: counts.get(row.id) ?? 0n,
      children: nodesOf(row.id),
    }));
  return nodesOf(null);
}
