import { AppError, type FieldViolation } from "#platform/kit/errors.ts";
import { parseDecimal, type Money } from "#platform/kit/money.ts";
import { attributeOf, listOf } from "./csv-cells.ts";
import type { PlainColumn } from "./csv-columns.ts";
import type { ProductPart } from "./import-entry.ts";

/** One row of a CSV file; what it has no cell for is undefined. */
export interface Row {
  find(column: PlainColumn): string | undefined;
  readonly attributes: { readonly [name: string]: string };
  readonly options: { readonly [name: string]: string };
}

/** What a row says. An empty cell empties what may be empty; of what may not be, it says nothing. */
export function partOfRow(
  row: Row,
  currencyCode: string,
): { readonly part: ProductPart; readonly faults: readonly FieldViolation[] } {
  const faults: FieldViolation[] = [];
  const text = (column: PlainColumn) => row.find(column)?.trim() ?? "";
  const { options } = row;
  const price = priceOf(text("price"), "price", currencyCode, faults);
  const variantPrice = priceOf(text("variantPrice"), "variantPrice", currencyCode, faults);
  const currency = text("currency");
  if (currency !== "" && currency !== currencyCode)
    faults.push({ path: "currency", message: `must be ${currencyCode}, the currency of this shop` });
  const stockQuantity = stockOf(text("stockQuantity"), faults);
  const sku = text("sku");
  const isPlain = sku === "" && Object.values(options).every((value) => value === "");
  const further = row.find("categories");
  const attributes = Object.entries(row.attributes).map(
    ([name, value]) => [name, value === "" ? null : attributeOf(value)] as const,
  );
  const part: ProductPart = {
    code: text("code"),
    slug: text("slug"),
    name: text("name"),
    category: text("category"),
    categories: further === undefined ? undefined : listOf(further),
    price,
    description: row.find("description"),
    imageUrl: row.find("imageUrl")?.trim(),
    keywords: row.find("keywords")?.trim(),
    attributes:
      attributes.length === 0
        ? undefined
        : { values: Object.fromEntries(attributes), isWhole: false, isText: true },
    stockQuantity: isPlain ? stockQuantity : undefined,
    variants: isPlain ? [] : [{ sku, options, isWhole: false, price: variantPrice ?? price, stockQuantity }],
    isRow: true,
  };
  return { part, faults };
}

function priceOf(
  text: string,
  path: string,
  currencyCode: string,
  faults: FieldViolation[],
): Money | undefined {
  if (text === "") return undefined;
  try {
    return parseDecimal(/^\d+,\d{1,2}$/.test(text) ? text.replace(",", ".") : text, currencyCode, path);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    faults.push({ path, message: error.violations[0]?.message ?? "is not an amount" });
    return undefined;
  }
}

function stockOf(text: string, faults: FieldViolation[]): bigint | undefined {
  if (text === "") return undefined;
  if (/^\d{1,15}$/.test(text)) return BigInt(text);
  faults.push({ path: "stockQuantity", message: "must be a whole number" });
  return undefined;
}
