import { isSlug, slugOf } from "./slug.ts";

/** A category that a product wants to be in; it is made when it does not exist. */
export interface CategoryWish {
  readonly slug: string;
  readonly name: string;
}

const nameLengthMax = 80;

/** Reads a slug or a name; undefined when it can be neither. */
export function parseCategoryWish(text: string): CategoryWish | undefined {
  const name = text.trim();
  const slug = name.length <= nameLengthMax ? slugOf(name) : undefined;
  if (slug === undefined || !isSlug(slug)) return undefined;
  return { slug, name: isSlug(name) ? titleOf(name) : name };
}

function titleOf(slug: string): string {
  const words = slug.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export interface CategoryRow {
  readonly id: string;
  readonly parentId: string | null;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly productCount: bigint;
}

export interface CategoryNode {
  slug: string;
  name: string;
  description: string;
  productCount: bigint;
  children: CategoryNode[];
}

/** Rows in order become trees in the same order. */
export function treeOf(rows: readonly CategoryRow[], parentId: string | null = null): CategoryNode[] {
  return rows
    .filter((row) => row.parentId === parentId)
    .map(({ id, slug, name, description, productCount }) => ({
      slug,
      name,
      description,
      productCount,
      children: treeOf(rows, id),
    }));
}
