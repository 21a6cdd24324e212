import { decimalsOf, parseDecimal } from "#platform/kit/money.ts";
import type { Money, Product } from "#gen/rest/types.ts";

/** A product as the foreign contract writes it in JSON: snake_case, fields that are empty left out. */
export function productMeta(product: Product): { readonly [name: string]: unknown } {
  const meta = {
    id: product.code,
    name: product.name,
    description: product.description,
    picture: product.imageUrl,
    // What its code alone puts into a cart.
    price_usd: unitsAndNanos(product.variants[0]?.price ?? product.price),
    categories: product.categories,
  };
  return withoutEmpty(meta);
}

function unitsAndNanos({ amount, currencyCode }: Money): { readonly [name: string]: unknown } {
  const { minor } = parseDecimal(amount, currencyCode);
  const scale = 10n ** BigInt(decimalsOf(currencyCode));
  const nanos = ((minor % scale) * 1_000_000_000n) / scale;
  return withoutEmpty({ currency_code: currencyCode, units: Number(minor / scale), nanos: Number(nanos) });
}

function withoutEmpty(value: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } {
  const isEmpty = (field: unknown) =>
    field === "" || field === 0 || (Array.isArray(field) && field.length === 0);
  return Object.fromEntries(Object.entries(value).filter(([, field]) => !isEmpty(field)));
}
