import { AppError, type FieldViolation } from "#platform/kit/errors.ts";
import { parseDecimal, type Money } from "#platform/kit/money.ts";
import type { VariantInput } from "../product-draft.ts";
import type { PlainColumn } from "./csv-columns.ts";
import type { ImportEntry } from "./import-entry.ts";

/** One line of a CSV file; a column that is absent is empty. */
export interface Row {
  readonly line: number;
  get(column: PlainColumn): string;
  readonly attributes: { readonly [name: string]: string };
  readonly options: { readonly [name: string]: string };
}

/** The product that rows with one code describe: the first names it, each is one of its variants. */
export function entryOfRows(rows: readonly Row[], currencyCode: string): ImportEntry {
  const [first] = rows;
  if (!first) throw new Error("A product needs a row.");
  const faults: FieldViolation[] = [];
  const read = new Reader(currencyCode, faults);
  const isPlain = rows.length === 1 && first.get("sku") === "" && Object.keys(first.options).length === 0;
  const input = {
    code: first.get("code"),
    slug: first.get("slug"),
    name: first.get("name"),
    description: first.get("description"),
    category: first.get("category"),
    categories: listOf(first.get("categories")),
    imageUrl: first.get("imageUrl"),
    keywords: first.get("keywords"),
    attributes: Object.fromEntries(
      Object.entries(first.attributes).map(([name, value]) => [name, attributeOf(value)]),
    ),
    ...withPrice(read.price(first)),
    ...(isPlain ? withStock(read.stock(first)) : {}),
    variants: isPlain ? [] : rows.map((row) => read.variant(row)),
  };
  return { line: first.line, input, faults };
}

class Reader {
  readonly #currencyCode: string;
  readonly #faults: FieldViolation[];

  constructor(currencyCode: string, faults: FieldViolation[]) {
    this.#currencyCode = currencyCode;
    this.#faults = faults;
  }

  variant(row: Row): VariantInput {
    return {
      sku: row.get("sku"),
      options: { ...row.options },
      ...withPrice(this.price(row)),
      ...withStock(this.stock(row)),
    };
  }

  price(row: Row): Money | undefined {
    const text = row.get("price");
    const currency = row.get("currency");
    if (currency !== "" && currency !== this.#currencyCode)
      this.#add(row, "currency", `must be ${this.#currencyCode}, the currency of this shop`);
    if (text === "") return undefined;
    try {
      return parseDecimal(text, this.#currencyCode, "price");
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#add(row, "price", error.violations[0]?.message ?? "is not an amount");
      return undefined;
    }
  }

  stock(row: Row): bigint | undefined {
    const text = row.get("stockQuantity");
    if (text === "") return undefined;
    if (/^\d{1,15}$/.test(text)) return BigInt(text);
    this.#add(row, "stockQuantity", "must be a whole number");
    return undefined;
  }

  #add(row: Row, path: string, message: string): void {
    this.#faults.push({ path: `line ${row.line}: ${path}`, message });
  }
}

function withPrice(price: Money | undefined) {
  return price === undefined ? {} : { price };
}

function withStock(stockQuantity: bigint | undefined) {
  return stockQuantity === undefined ? {} : { stockQuantity };
}

function listOf(text: string): string[] {
  return text
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** A cell with | is a list. */
function attributeOf(value: string): string | string[] {
  return value.includes("|") ? listOf(value) : value;
}
