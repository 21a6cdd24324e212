import type { JsonObject } from "@bufbuild/protobuf";
import { AppError, type FieldViolation } from "#platform/kit/errors.ts";
import { parseDecimal, type Money } from "#platform/kit/money.ts";
import { unreadable, type ImportEntry, type ProductPart, type VariantPart } from "./import-entry.ts";
import { jsonElements, type JsonElement } from "./json-elements.ts";
import type { TextEncoding } from "./text-encoding.ts";

export interface JsonFile {
  readonly path: string;
  readonly encoding: TextEncoding;
  readonly currencyCode: string;
}

/** Products of a JSON or NDJSON file in its order; each has the shape of a product write of the REST API, as far as it says something. */
export async function* jsonEntries(
  { path, encoding, currencyCode }: JsonFile,
  onBytes: (count: number) => void,
): AsyncGenerator<ImportEntry> {
  for await (const { line, text } of jsonElements(path, encoding.name, onBytes)) {
    const value = parsedObject(text);
    if (text.includes("\uFFFD")) yield unreadable(line, text, `has bytes that are no ${encoding.name} text`);
    else if (value) yield entryOf({ line, text }, value, currencyCode);
    else yield unreadable(line, text, "is not a JSON object");
  }
}

function parsedObject(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}

function entryOf({ line, text }: JsonElement, value: JsonObject, currencyCode: string): ImportEntry {
  const faults: FieldViolation[] = [];
  const read = new Fields(value, "", currencyCode, faults);
  const attributes = read.find("attributes", () => read.object("attributes"));
  const isRow = value["sku"] !== undefined && value["variants"] === undefined;
  const variants = isRow ? [variantOf(read, false)] : undefined;
  const part: ProductPart = {
    code: read.text("code"),
    slug: read.text("slug"),
    name: read.text("name"),
    category: read.text("category"),
    categories: read.find("categories", () => read.list("categories", textOf)),
    price: read.price(),
    description: read.find("description", () => read.text("description")),
    imageUrl: read.find("imageUrl", () => read.text("imageUrl")),
    keywords: read.find("keywords", () => read.list("keywords", textOf).join(" ")),
    attributes: attributes && { values: attributes, isWhole: true, isText: false },
    stockQuantity: isRow ? undefined : read.stock(),
    variants:
      variants ??
      read.list("variants", (variant, path) =>
        isObject(variant)
          ? variantOf(new Fields(variant, `${path}.`, currencyCode, faults), true)
          : undefined,
      ),
    isRow,
  };
  read.refuseOthers();
  return { line, source: text, part, faults };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** An object of its own, or what stands beside a SKU in a product that is one variant, as in a row of a table. */
function variantOf(read: Fields, isOwn: boolean): VariantPart {
  const options = read.find("options", () => read.texts("options"));
  const variant = {
    sku: read.text("sku"),
    options: options ?? {},
    isWhole: options !== undefined,
    price: read.price(),
    stockQuantity: read.stock(),
  };
  if (isOwn) read.refuseOthers();
  return variant;
}

/** Reads the fields of one object strictly, and remembers which there are. */
class Fields {
  readonly #value: JsonObject;
  readonly #prefix: string;
  readonly #currencyCode: string;
  readonly #faults: FieldViolation[];
  readonly #known = new Set<string>();

  constructor(value: JsonObject, prefix: string, currencyCode: string, faults: FieldViolation[]) {
    this.#value = value;
    this.#prefix = prefix;
    this.#currencyCode = currencyCode;
    this.#faults = faults;
  }

  /** Undefined when the field is absent; null is there, and empty. */
  find<T>(name: string, read: () => T): T | undefined {
    this.#known.add(name);
    return this.#value[name] === undefined ? undefined : read();
  }

  text(name: string): string {
    const value = this.#take(name) ?? "";
    if (typeof value === "string") return value;
    this.#add(name, "must be a text");
    return "";
  }

  object(name: string): JsonObject {
    const value = this.#take(name) ?? {};
    if (isObject(value)) return value;
    this.#add(name, "must be an object");
    return {};
  }

  texts(name: string): { [name: string]: string } {
    return Object.fromEntries(
      Object.entries(this.object(name)).map(([key, value]) => {
        if (typeof value !== "string") this.#add(`${name}.${key.slice(0, 40)}`, "must be a text");
        return [key, typeof value === "string" ? value : ""];
      }),
    );
  }

  list<T>(name: string, read: (value: unknown, path: string) => T | undefined): T[] {
    const value = this.#take(name) ?? [];
    if (!Array.isArray(value)) {
      this.#add(name, "must be a list");
      return [];
    }
    return value.flatMap((element, index): T[] => {
      const result = read(element, `${this.#prefix}${name}[${index}]`);
      if (result === undefined) this.#add(`${name}[${index}]`, "has the wrong type");
      return result === undefined ? [] : [result];
    });
  }

  price(): Money | undefined {
    const value = this.#take("price");
    if (value === undefined) return undefined;
    const { amount, currencyCode } = isObject(value)
      ? value
      : { amount: value, currencyCode: this.#currencyCode };
    if (typeof amount !== "string" || typeof currencyCode !== "string") {
      this.#add("price", 'must be like {"amount": "19.99", "currencyCode": "USD"} or "19.99"');
      return undefined;
    }
    try {
      return parseDecimal(amount, currencyCode, "price");
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#add("price", error.violations[0]?.message ?? "is not an amount");
      return undefined;
    }
  }

  stock(): bigint | undefined {
    const value = this.#take("stockQuantity");
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
    this.#add("stockQuantity", "must be a whole number");
    return undefined;
  }

  refuseOthers(): void {
    for (const name of Object.keys(this.#value))
      if (!this.#known.has(name)) this.#add(name.slice(0, 60), "is not a field that is known");
  }

  #take(name: string): unknown {
    this.#known.add(name);
    return this.#value[name] ?? undefined;
  }

  #add(name: string, message: string): void {
    this.#faults.push({ path: `${this.#prefix}${name}`, message });
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
