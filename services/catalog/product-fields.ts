// The fields that extensions add to products: what fits them, and what does not. Pure.
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { Compile } from "typebox/compile";
import type { FieldViolation } from "#platform/kit/errors.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { isAttributeName } from "./attributes.ts";
import type { ProductField } from "./extension.ts";

interface Checked {
  readonly field: ProductField;
  readonly fits: (value: JsonValue) => boolean;
}

export class ProductFields {
  readonly #fields = new Map<string, Checked>();

  constructor(fields: readonly ProductField[] = []) {
    for (const field of fields) {
      if (!isAttributeName(field.name) || this.#fields.has(field.name))
        throw new StartError(
          `The product field "${field.name.slice(0, 80)}" of an extension cannot be: a name has 1 to 60 letters, digits, spaces, dots and dashes, and is added once.`,
        );
      const compiled = Compile(field.schema);
      this.#fields.set(field.name, { field, fits: (value) => compiled.Check(value) });
    }
  }

  /** Everything that is wrong with these attributes, with paths relative to the product. */
  faults(attributes: JsonObject): FieldViolation[] {
    return [...this.#fields.values()].flatMap(({ field, fits }) => {
      const path = `attributes.${field.name}`;
      const value = attributes[field.name];
      if (value === undefined) return field.isRequired ? [{ path, message: "is required" }] : [];
      return fits(value) ? [] : [{ path, message: field.says }];
    });
  }

  /** Attributes of a file that knows only texts: a field whose value does not fit as a text is read as what the text spells. */
  spelled(attributes: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => {
        const checked = this.#fields.get(name);
        if (!checked || checked.fits(value)) return [name, value];
        return [name, readings(value).find(checked.fits) ?? value];
      }),
    );
  }
}

function readings(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return [value.map((each) => scalar(each))];
  return [scalar(value), [value], [scalar(value)]];
}

function scalar(value: JsonValue): JsonValue {
  const isOther = typeof value === "string" && /^(true|false|-?(0|[1-9]\d{0,14})(\.\d{1,10})?)$/.test(value);
  return isOther ? (JSON.parse(value) as JsonValue) : value;
}
