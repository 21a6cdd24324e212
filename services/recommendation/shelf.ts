// The products that can be suggested, as the catalogue told them last: pure.
import type { Product } from "#gen/stoa/catalog/v1/catalog_pb.js";

export interface ShelfProduct {
  readonly id: string;
  readonly code: string;
  readonly slug: string;
  readonly price: number;
  readonly categories: ReadonlySet<string>;
  /** name=value */
  readonly attributes: ReadonlySet<string>;
  readonly isInStock: boolean;
}

const categoryProductsMax = 200;

/** All products on sale, found by id, code, slug and category. */
export class Shelf {
  readonly products: readonly ShelfProduct[];
  readonly #byKey = new Map<string, ShelfProduct>();
  readonly #byCategory = new Map<string, ShelfProduct[]>();

  constructor(products: readonly ShelfProduct[]) {
    this.products = products;
    for (const product of products) {
      for (const key of [product.id, product.code, product.slug]) this.#byKey.set(key, product);
      for (const category of product.categories) {
        const mates = this.#byCategory.get(category) ?? [];
        if (mates.length < categoryProductsMax) mates.push(product);
        this.#byCategory.set(category, mates);
      }
    }
  }

  /** By id, code or slug. */
  find(key: string): ShelfProduct | undefined {
    return this.#byKey.get(key);
  }

  /** At most 200. */
  inCategory(category: string): readonly ShelfProduct[] {
    return this.#byCategory.get(category) ?? [];
  }
}

export function shelfProductOf(product: Product): ShelfProduct {
  const { id, code, slug, price, categories, attributes, stockQuantity } = product;
  return {
    id,
    code,
    slug,
    price: Number(price?.minor ?? 0n),
    categories: new Set(categories),
    attributes: new Set(
      Object.entries(attributes ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
    ),
    isInStock: stockQuantity > 0n,
  };
}

/** How alike two products are by what they are, from 0 to 1: categories most, then attributes, then price. */
export function likeness(one: ShelfProduct, other: ShelfProduct): number {
  const categories = overlap(one.categories, other.categories);
  const attributes = overlap(one.attributes, other.attributes);
  const nearness =
    one.price > 0 && other.price > 0 ? Math.exp(-Math.abs(Math.log(one.price / other.price))) : 0;
  return 0.6 * categories + 0.2 * attributes + 0.2 * nearness;
}

/** Shared members as a part of all members. */
function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let shared = 0;
  for (const member of one) if (other.has(member)) shared += 1;
  const all = one.size + other.size - shared;
  return all === 0 ? 0 : shared / all;
}
