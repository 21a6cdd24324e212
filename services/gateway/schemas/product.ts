import {
  Type,
  type Static,
  type TInteger,
  type TSchema,
  type TString,
  type TUnsafe,
} from "@fastify/type-provider-typebox";
import { Money } from "./money.ts";
import {
  CurrencyCode,
  Id,
  Instant,
  Paging,
  choice,
  listFields,
  nameOf,
  ref,
  strict,
  text,
} from "./shapes.ts";

const Options = Type.Record(Type.String({ maxLength: 60 }), text(200), { maxProperties: 20 });
const Attributes = Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), {
  maxProperties: 100,
  description: "Free-form facts by name.",
});
const StockQuantity = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });

export const Variant = strict(
  { id: Id, sku: Type.String(), options: Options, price: ref(Money), stockQuantity: Type.Integer() },
  { $id: "Variant" },
);

export const Product = strict(
  {
    id: Id,
    code: Type.String({ description: "Ten upper-case letters and digits." }),
    slug: Type.String(),
    name: Type.String(),
    description: Type.String(),
    price: ref(Money),
    category: Type.String({ description: "Slug of the primary category." }),
    categories: Type.Array(Type.String()),
    imageUrl: Type.String(),
    stockQuantity: Type.Integer({ description: "On hand minus reserved, over all variants." }),
    attributes: Attributes,
    variants: Type.Array(ref(Variant)),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { $id: "Product" },
);

export const Facet = strict(
  {
    name: Type.String({ description: "category, or attributes.<name>." }),
    values: Type.Array(strict({ value: Type.String(), count: Type.Integer() })),
  },
  { $id: "Facet" },
);

export const ProductList = strict(
  { ...listFields(Product), facets: Type.Optional(Type.Array(ref(Facet))) },
  { $id: `${nameOf(Product)}List` },
);

/** Letters of which scripts are capitals, the catalogue knows. */
export const Slug = Type.String({
  maxLength: 80,
  pattern: "^[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}]*(-[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}]*)*$",
  description: "Small letters and digits of any script, with single hyphens.",
  examples: ["enamel-mug"],
});

const Price = Type.String({ pattern: "^\\d{1,13}(\\.\\d{1,24})?$", maxLength: 40, examples: ["9.99"] });

export const ProductQuery = strict({
  ...Paging,
  q: Type.Optional(Type.String({ maxLength: 200, description: "Search words." })),
  category: Type.Optional(
    Type.String({ maxLength: 200, description: "Slug; products of its descendants count too." }),
  ),
  minPrice: Type.Optional({ ...Price, description: "In `currency`." } as typeof Price),
  maxPrice: Type.Optional({ ...Price, description: "In `currency`." } as typeof Price),
  inStock: Type.Optional(Type.Boolean()),
  sort: Type.Optional(
    choice(["name", "-name", "price", "-price", "newest", "relevance"], {
      description: "Default: relevance with `q`, else newest.",
    }),
  ),
  currency: Type.Optional({
    ...CurrencyCode,
    description: "Shows prices in this currency. Default: the base currency of the shop.",
  } as typeof CurrencyCode),
  facets: Type.Optional(Type.Boolean({ description: "Adds what the list can be narrowed by." })),
  "attributes.*": Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 200 }))),
});

export const SearchQuery = strict({
  ...ProductQuery.properties,
  q: Type.String({ minLength: 1, maxLength: 200, description: "Search words.", examples: ["mug"] }),
});

export const CurrencyQuery = strict({
  currency: Type.Optional({
    ...CurrencyCode,
    description: "Shows prices in this currency. Default: the base currency of the shop.",
  } as typeof CurrencyCode),
});

export const VariantWrite = strict(
  {
    sku: text(64),
    options: Options,
    price: Type.Optional(ref(Money)),
    stockQuantity: Type.Optional(StockQuantity),
  },
  { $id: "VariantWrite" },
);

export const ProductWrite = strict(
  {
    name: text(200),
    description: text(10_000, 0),
    price: ref(Money),
    category: text(100),
    categories: Type.Optional(Type.Array(text(100), { maxItems: 20 })),
    imageUrl: Type.Optional(text(2048, 0)),
    stockQuantity: Type.Optional(StockQuantity),
    code: Type.Optional(Type.String({ pattern: "^[A-Z0-9]{10}$" })),
    slug: Type.Optional(Slug),
    attributes: Type.Optional(Attributes),
    variants: Type.Optional(Type.Array(ref(VariantWrite), { maxItems: 100 })),
  },
  {
    $id: "ProductWrite",
    examples: [
      {
        name: "Enamel Mug",
        description: "Holds coffee.",
        price: { amount: "8.99", currencyCode: "USD" },
        category: "kitchen",
        stockQuantity: 40,
      },
    ],
  },
);

function orNull<S extends TSchema>(schema: S): TUnsafe<Static<S> | null> {
  const { type } = schema as unknown as { type: string };
  return Type.Unsafe<Static<S> | null>({ ...schema, type: [type, "null"] });
}

const ReadOnly = Type.Optional(Type.Unknown({ description: "Read only: ignored here." }));
const EditedPrice = strict({
  amount: Type.Optional(Money.properties.amount),
  currencyCode: Type.Optional(Money.properties.currencyCode),
});

export const VariantEdit = strict(
  {
    id: Type.Optional(
      orNull({
        ...text(36),
        description: "Which variant it is. Without, the one of the SKU, else a new one.",
      } as TString),
    ),
    sku: Type.Optional(text(64)),
    options: Type.Optional(orNull(Options)),
    price: Type.Optional(
      orNull({ ...EditedPrice, description: "null: the product's price." } as typeof EditedPrice),
    ),
    stockQuantity: Type.Optional(
      orNull({
        ...StockQuantity,
        description: "Opens the stock of a new variant; else ignored.",
      } as TInteger),
    ),
  },
  { $id: "VariantEdit" },
);

export const ProductEdit = strict(
  {
    name: Type.Optional(text(200)),
    description: Type.Optional(orNull(text(10_000, 0))),
    price: Type.Optional(EditedPrice),
    category: Type.Optional(text(100)),
    categories: Type.Optional(orNull(Type.Array(text(100), { maxItems: 20 }))),
    imageUrl: Type.Optional(orNull(text(2048, 0))),
    code: Type.Optional(Type.String({ pattern: "^[A-Z0-9]{10}$" })),
    slug: Type.Optional(orNull({ ...Slug, description: "null: made from the name." } as typeof Slug)),
    attributes: Type.Optional(orNull(Attributes)),
    variants: Type.Optional(
      Type.Array(ref(VariantEdit), {
        minItems: 1,
        maxItems: 100,
        description: "All there shall be, in their order: those left out are retired for good.",
      }),
    ),
    id: ReadOnly,
    stockQuantity: ReadOnly,
    createdAt: ReadOnly,
    updatedAt: ReadOnly,
  },
  {
    $id: "ProductEdit",
    description:
      "What is absent stays as it is, null empties. A product as it was answered is an edit that changes nothing.",
    examples: [{ price: { amount: "7.49", currencyCode: "USD" }, imageUrl: null }],
  },
);

const Reason = text(500);
const VariantId = Type.Optional(text(100));

export const StockChange = Type.Unsafe<
  { variantId?: string; reason: string } & ({ set: number } | { adjust: number })
>({
  $id: "StockChange",
  type: "object",
  properties: {
    set: { ...StockQuantity, description: "New stock on hand." },
    adjust: {
      type: "integer",
      minimum: -1_000_000_000,
      maximum: 1_000_000_000,
      description: "Added to stock on hand.",
    },
    variantId: { ...VariantId, description: "Default: the first variant on sale." },
    reason: { ...Reason, description: "Why, for the stock ledger." },
  },
  required: ["reason"],
  oneOf: [{ required: ["set"] }, { required: ["adjust"] }],
  additionalProperties: false,
  examples: [{ adjust: 12, reason: "A delivery arrived." }],
});
