// Lines of a cart of which there is less than wanted.
import type { ApiProblem } from "#gen/rest/rest-client.ts";
import type { CartItem } from "#gen/rest/types.ts";

/** How many there are, by the variant's id. */
export type Shortages = ReadonlyMap<string, number>;

/** As the cart knows it. */
export function shortItems(items: readonly CartItem[]): Shortages {
  return new Map(
    items
      .filter(({ availability }) => availability !== "available")
      .map(({ variantId, availability, availableQuantity }) => [
        variantId,
        availability === "gone" ? 0 : availableQuantity,
      ]),
  );
}

/** As a refusal tells it. */
export function shortagesIn({ code, body }: ApiProblem): Shortages {
  const { lines } = body as { readonly lines?: unknown };
  if (code !== "STOCK_INSUFFICIENT" || !Array.isArray(lines)) return new Map();
  return new Map(
    lines.flatMap((line: { readonly variantId?: unknown; readonly available?: unknown } | null) => {
      const available = Number(line?.available ?? 0);
      return typeof line?.variantId === "string" && available >= 0 ? [[line.variantId, available]] : [];
    }),
  );
}
