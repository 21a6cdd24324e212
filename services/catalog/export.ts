import type { Database } from "#platform/database/db.ts";
import { inSnapshot } from "#platform/database/snapshot.ts";
import { toRow } from "#platform/kit/csv.ts";
import { formatDecimal } from "#platform/kit/money.ts";
import { categoryLabels, exportedPages, listNames, type ExportedProduct } from "./export-store.ts";
import { attributeText } from "./import/csv-cells.ts";
import { plainColumns, type PlainColumn } from "./import/csv-columns.ts";

export const productFormats = ["csv", "ndjson", "json"] as const;
export type ProductFormat = (typeof productFormats)[number];

/**
 * Writes all products on sale, as they are at this moment, so that an import takes them back unchanged. Holds one page of them at a
 * time; `write` says when it can take more. Returns how many there were.
 */
export async function exportProducts(
  db: Database,
  format: ProductFormat,
  write: (text: string) => Promise<void>,
  onProgress: (count: number) => void,
): Promise<number> {
  return await inSnapshot(db, async (tx) => {
    const { head, text, between, foot } = format === "csv" ? await csvOf(tx) : jsonOf(format);
    let count = 0;
    await write(head);
    for await (const page of exportedPages(tx)) {
      await write((count > 0 ? between : "") + page.map(text).join(between));
      count += page.length;
      onProgress(count);
    }
    await write(foot(count));
    return count;
  });
}

interface Writer {
  readonly head: string;
  readonly text: (product: ExportedProduct) => string;
  readonly between: string;
  readonly foot: (count: number) => string;
}

/** The shape of the file that the shop begins with; one on each line, or a list. */
function jsonOf(format: "ndjson" | "json"): Writer {
  if (format === "json")
    return {
      head: "[",
      text: (product) => `\n${JSON.stringify(jsonProduct(product), undefined, 2).replace(/^/gm, "  ")}`,
      between: ",",
      foot: (count) => (count > 0 ? "\n]\n" : "]\n"),
    };
  const text = (product: ExportedProduct) => `${JSON.stringify(jsonProduct(product))}\n`;
  return { head: "", text, between: "", foot: () => "" };
}

function jsonProduct(product: ExportedProduct) {
  const { code, slug, name, description, category, categories, currencyCode, imageUrl } = product;
  const price = (minor: bigint) => ({ amount: formatDecimal({ minor, currencyCode }), currencyCode });
  return {
    ...{ code, slug, name, description, category, categories },
    price: price(product.priceMinor),
    imageUrl,
    attributes: product.attributes,
    keywords: product.ownKeywords === "" ? [] : product.ownKeywords.split(" "),
    variants: product.variants.map(({ sku, options, priceMinor, stock }) => ({
      ...{ sku, options },
      price: price(BigInt(priceMinor)),
      stockQuantity: stock,
    })),
  };
}

async function csvOf(tx: Parameters<typeof listNames>[0]): Promise<Writer> {
  const [names, labels] = [await listNames(tx), await categoryLabels(tx)];
  const head = toRow([
    ...plainColumns,
    ...names.attributes.map((name) => `attributes.${name}`),
    ...names.options.map((name) => `options.${name}`),
  ]);
  const text = (product: ExportedProduct) =>
    product.variants.map((_, index) => rowOf(product, index, { ...names, labels })).join("");
  return { head, text, between: "", foot: () => "" };
}

interface Table {
  readonly attributes: readonly string[];
  readonly options: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
}

/** The first row of a product says what it is, each further one a variant. */
function rowOf(product: ExportedProduct, index: number, { attributes, options, labels }: Table): string {
  const { code, slug, name, description, currencyCode, imageUrl, ownKeywords } = product;
  const variant = product.variants[index];
  if (!variant) throw new Error("A row is of a variant.");
  const price = formatDecimal({ minor: product.priceMinor, currencyCode });
  const ownPrice = formatDecimal({ minor: BigInt(variant.priceMinor), currencyCode });
  const label = (category: string) => labels.get(category) ?? category;
  const cells: { readonly [C in PlainColumn]?: string } = {
    ...(index > 0
      ? { code }
      : {
          ...{ code, slug, name, description, imageUrl, keywords: ownKeywords },
          category: label(product.category),
          categories: product.categories
            .filter((category) => category !== product.category)
            .map((category) => (label(category).includes("|") ? category : label(category)))
            .join("|"),
        }),
    price,
    currency: currencyCode,
    sku: variant.sku,
    variantPrice: ownPrice === price ? "" : ownPrice,
    stockQuantity: String(variant.stock),
  };
  return toRow([
    ...plainColumns.map((column) => cells[column] ?? ""),
    ...attributes.map((attribute) => {
      const value = product.attributes[attribute];
      return index > 0 || value === undefined ? "" : attributeText(value);
    }),
    ...options.map((option) => variant.options[option] ?? ""),
  ]);
}
