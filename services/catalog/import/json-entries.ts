import type { JsonObject } from "@bufbuild/protobuf";
import { AppError, type FieldViolation } from "#platform/kit/errors.ts";
import { money, parseDecimal, type Money } from "#platform/kit/money.ts";
import type { ProductInput, VariantInput } from "../product-draft.ts";
import { unreadable, type ImportEntry } from "./import-entry.ts";
import { jsonElements } from "./json-elements.ts";

/** Products of a JSON or NDJSON file in its order; each has the shape of a product write of the REST API. */
export async function* jsonEntries(
  path: string,
  currencyCode: string,
  onBytes: (count: number) => void,
): AsyncGenerator<ImportEntry> {
  for await (const { line, text } of jsonElements(path, onBytes)) {
    const value = parsedObject(text);
    yield value ? entryOf(line, value, currencyCode) : unreadable(line, "is not a JSON object");
  }
}

function parsedObject(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}

function entryOf(line: number, value: JsonObject, currencyCode: string): ImportEntry {
  const faults: FieldViolation[] = [];
  const read = new Fields(value, "", currencyCode, faults);
  const input: ProductInput = {
    code: read.text("code"),
    slug: read.text("slug"),
    name: read.text("name"),
    description: read.text("description"),
    category: read.text("category"),
    categories: read.list("categories", (text) => (typeof text === "string" ? text : undefined)),
    imageUrl: read.text("imageUrl"),
    attributes: read.object("attributes"),
    keywords: read.list("keywords", (text) => (typeof text === "string" ? text : undefined)).join(" "),
    ...read.price(),
    ...read.stock(),
    variants: read.list("variants", (variant, path) =>
      isObject(variant) ? variantOf(new Fields(variant, `${path}.`, currencyCode, faults)) : undefined,
    ),
  };
  read.refuseOthers();
  return { line, input, faults };
}

function variantOf(read: Fields): VariantInput {
  const variant = {
    sku: read.text("sku"),
    options: read.texts("options"),
    ...read.price(),
    ...read.stock(),
  };
  read.refuseOthers();
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

  price(): { price?: Money } {
    const value = this.#take("price");
    if (value === undefined) return {};
    const { amount, currencyCode } = isObject(value)
      ? value
      : { amount: value, currencyCode: this.#currencyCode };
    if (typeof amount !== "string" || typeof currencyCode !== "string") {
      this.#add("price", 'must be like {"amount": "19.99", "currencyCode": "USD"} or "19.99"');
      return {};
    }
    try {
      return { price: parseDecimal(amount, currencyCode, "price") };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#add("price", error.violations[0]?.message ?? "is not an amount");
      return { price: money(this.#currencyCode, 0n) };
    }
  }

  stock(): { stockQuantity?: bigint } {
    const value = this.#take("stockQuantity");
    if (value === undefined) return {};
    if (typeof value === "number" && Number.isSafeInteger(value)) return { stockQuantity: BigInt(value) };
    this.#add("stockQuantity", "must be a whole number");
    return {};
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
