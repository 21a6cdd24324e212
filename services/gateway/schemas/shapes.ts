// The few shapes all schemas are made of. A schema with an $id is a component of the OpenAPI document.
import {
  Type,
  type Static,
  type TArray,
  type TInteger,
  type TObject,
  type TProperties,
  type TSchema,
  type TUnsafe,
} from "@fastify/type-provider-typebox";

/** An object that refuses fields it does not name. */
export function strict<P extends TProperties>(properties: P, options: object = {}): TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** Refers to a shared schema by its name, with its type. */
export function ref<S extends TSchema>(schema: S): TUnsafe<Static<S>> {
  return Type.Unsafe<Static<S>>({ $ref: `${nameOf(schema)}#` });
}

export function nameOf(schema: TSchema): string {
  const { $id } = schema as { $id?: string };
  if ($id === undefined) throw new Error("A shared schema needs an $id.");
  return $id;
}

export function choice<const T extends string>(values: readonly T[], options: object = {}): TUnsafe<T> {
  return Type.Unsafe<T>({ type: "string", enum: [...values], ...options });
}

export const Id = Type.String({ format: "uuid" });

export const Instant = Type.String({ format: "date-time", description: "RFC 3339, UTC." });

export function nullableText(options: object = {}): TUnsafe<string | null> {
  return Type.Unsafe<string | null>({ type: ["string", "null"], ...options });
}

export function nullable<S extends TSchema>(schema: S): TUnsafe<Static<S> | null> {
  return Type.Unsafe<Static<S> | null>({ anyOf: [schema, { type: "null" }] });
}

/** Text as people write it: something that is not blank. */
export function text(maxLength: number, minLength = 1) {
  return Type.String({ minLength, maxLength });
}

type ListFields<S extends TSchema> = {
  items: TArray<TUnsafe<Static<S>>>;
  nextCursor: TUnsafe<string | null>;
  total: TInteger;
};

/** One page of a list, named after what is in it. */
export function listOf<S extends TSchema>(item: S): TObject<ListFields<S>> {
  return strict(listFields(item), { $id: `${nameOf(item)}List` });
}

export function listFields<S extends TSchema>(item: S): ListFields<S> {
  return {
    items: Type.Array(ref(item)),
    nextCursor: nullableText({ description: "Send it as `cursor` to get the next page; null on the last." }),
    total: Type.Integer({ minimum: 0, description: "Of all pages." }),
  };
}

/** `limit` and `cursor` of every list. */
export const Paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 24 })),
  cursor: Type.Optional(Type.String({ maxLength: 1024, description: "`nextCursor` of the page before." })),
};

export const CurrencyCode = Type.String({
  pattern: "^[A-Z]{3}$",
  description: "ISO 4217.",
  examples: ["EUR"],
});
