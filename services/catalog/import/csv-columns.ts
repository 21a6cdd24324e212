import type { Cell } from "./csv-rows.ts";

export const plainColumns = [
  "code",
  "slug",
  "name",
  "description",
  "category",
  "categories",
  "price",
  "currency",
  "imageUrl",
  "keywords",
  "sku",
  "variantPrice",
  "stockQuantity",
] as const;

export type PlainColumn = (typeof plainColumns)[number];

interface NamedColumn {
  readonly name: string;
  readonly index: number;
}

/** Which column holds what. */
export interface Columns {
  readonly count: number;
  readonly plain: ReadonlyMap<PlainColumn, number>;
  readonly attributes: readonly NamedColumn[];
  readonly options: readonly NamedColumn[];
}

/** Reads the first line of a file. Returns a sentence when it cannot be one. */
export function parseColumns(header: readonly string[]): Columns | string {
  const plain = new Map<PlainColumn, number>();
  const attributes: NamedColumn[] = [];
  const options: NamedColumn[] = [];
  const named = header.findLastIndex((title) => title.trim() !== "") + 1;
  for (const [index, title] of header.slice(0, named).entries()) {
    const [, kind, name] = /^(attributes?|options?)\.(.+)$/is.exec(title.trim()) ?? [];
    const column = plainColumns.find((candidate) => candidate.toLowerCase() === squeezed(title));
    const list = kind?.toLowerCase().startsWith("a") ? attributes : options;
    if (kind !== undefined && name !== undefined) {
      if (list.some((other) => other.name === name)) return `The column ${title.slice(0, 60)} occurs twice.`;
      list.push({ name, index });
    } else if (column === undefined) {
      return `The column "${title.slice(0, 60)}" is not known. There are ${plainColumns.join(", ")}, attributes.<name> and options.<name>.`;
    } else if (plain.has(column)) return `The column ${column} occurs twice.`;
    else plain.set(column, index);
  }
  if (!(["code", "slug", "sku", "name"] as const).some((column) => plain.has(column)))
    return "The first line must name the columns, and one of code, slug, sku or name must be among them.";
  return { count: named, plain, attributes, options };
}

/** image_url, Image URL and imageUrl are one column. */
function squeezed(title: string): string {
  return title.toLowerCase().replace(/[\s_-]/g, "");
}

/** Columns whose cells have a form that hardly any sentence has. */
const forms: { readonly [C in PlainColumn]?: RegExp } = {
  code: /^([A-Z0-9]{10})?$/,
  price: /^(\d{1,13}([.,]\d{1,4})?)?$/,
  stockQuantity: /^\d{0,15}$/,
  currency: /^([A-Z]{3})?$/,
};

/** Whether a line is a row by itself: as many cells as columns, those of a known form in that form, and at least one of these not empty. */
export function isOwnRow({ count, plain }: Columns, cells: readonly Cell[]): boolean {
  if (cells.length !== count) return false;
  let filled = 0;
  for (const [column, form] of Object.entries(forms)) {
    const text = cells[plain.get(column as PlainColumn) ?? -1]?.text.trim() ?? "";
    if (!form.test(text)) return false;
    if (text !== "") filled += 1;
  }
  return filled > 0;
}
