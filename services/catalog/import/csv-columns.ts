const plainColumns = [
  "code",
  "slug",
  "name",
  "description",
  "price",
  "currency",
  "category",
  "categories",
  "imageUrl",
  "keywords",
  "sku",
  "stockQuantity",
] as const;

export type PlainColumn = (typeof plainColumns)[number];

/** Which column holds what. */
export interface Columns {
  readonly plain: ReadonlyMap<PlainColumn, number>;
  readonly attributes: readonly { readonly name: string; readonly index: number }[];
  readonly options: readonly { readonly name: string; readonly index: number }[];
}

/** Reads the first line of a file. Returns a sentence when it cannot be one. */
export function parseColumns(header: readonly string[]): Columns | string {
  const plain = new Map<PlainColumn, number>();
  const attributes: { name: string; index: number }[] = [];
  const options: { name: string; index: number }[] = [];
  for (const [index, title] of header.entries()) {
    const [, kind, name] = /^(attributes?|options?)\.(.+)$/.exec(title.trim()) ?? [];
    const column = plainColumns.find((candidate) => candidate.toLowerCase() === squeezed(title));
    if (kind !== undefined && name !== undefined) {
      (kind.startsWith("a") ? attributes : options).push({ name, index });
    } else if (column === undefined) {
      return `The column "${title.slice(0, 60)}" is not known. There are ${plainColumns.join(", ")}, attributes.<name> and options.<name>.`;
    } else if (plain.has(column)) return `The column ${column} occurs twice.`;
    else plain.set(column, index);
  }
  const missing = (["name", "price", "category"] as const).filter((column) => !plain.has(column));
  if (missing.length > 0) return `The first line must name the columns; ${missing.join(", ")} is missing.`;
  return { plain, attributes, options };
}

/** image_url, Image URL and imageUrl are one column. */
function squeezed(title: string): string {
  return title.toLowerCase().replace(/[\s_-]/g, "");
}
