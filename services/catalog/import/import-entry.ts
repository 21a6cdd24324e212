import type { JsonObject } from "@bufbuild/protobuf";
import type { FieldViolation } from "#platform/kit/errors.ts";
import type { Money } from "#platform/kit/money.ts";

/** What a file says of a product. What is undefined, or "" where it names the product, is not said: it stays as it is. */
export interface ProductPart {
  readonly code: string;
  readonly slug: string;
  readonly name: string;
  readonly category: string;
  /** Further categories. */
  readonly categories: readonly string[] | undefined;
  readonly price: Money | undefined;
  readonly description: string | undefined;
  readonly imageUrl: string | undefined;
  readonly keywords: string | undefined;
  readonly attributes: AttributesPart | undefined;
  /** Of a product without a choice. */
  readonly stockQuantity: bigint | undefined;
  readonly variants: readonly VariantPart[];
  /** Rows of a table that are about one product say of it what the first of them says. */
  readonly isRow: boolean;
}

export interface AttributesPart {
  /** null takes one away. */
  readonly values: JsonObject;
  /** All others go. */
  readonly isWhole: boolean;
  /** The values are texts that may stand for something else. */
  readonly isText: boolean;
}

export interface VariantPart {
  readonly sku: string;
  /** "" takes one away. */
  readonly options: { readonly [name: string]: string };
  /** Others go. */
  readonly isWhole: boolean;
  readonly price: Money | undefined;
  readonly stockQuantity: bigint | undefined;
}

/** One product or variant of a file, and where it stands there; or why it cannot be read. */
export interface ImportEntry {
  readonly line: number;
  readonly part: ProductPart | undefined;
  readonly faults: readonly FieldViolation[];
  /** As it stands in the file. */
  readonly source: string;
}

export function unreadable(line: number, source: string, message: string): ImportEntry {
  return { line, source, part: undefined, faults: [{ path: "", message }] };
}
