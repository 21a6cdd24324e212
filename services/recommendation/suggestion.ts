// Which products are suggested: pure.
import type { Affinity } from "./affinity.ts";
import { likeness, type Shelf, type ShelfProduct } from "./shelf.ts";

/** Likeness decides only where visitors have not: it weighs less than what a few dozen visits say. */
const likenessWeight = 0.1;

/** So many of the given products guide the choice; a cart of a hundred says no more than its first ten. */
const guidesMax = 10;

/**
 * The products that go best with the given ones, filled up with what is popular. Never a given one, never one that is not on the
 * shelf or not in stock.
 */
export function suggest(
  shelf: Shelf,
  affinity: Affinity,
  given: readonly ShelfProduct[],
  count: number,
): ShelfProduct[] {
  const taken = new Set(given.map(({ id }) => id));
  const candidates = new Set<ShelfProduct>();
  const propose = (product: ShelfProduct | undefined) => {
    if (product?.isInStock && !taken.has(product.id)) candidates.add(product);
  };
  const guides = given.slice(0, guidesMax);
  for (const { id, categories } of guides) {
    for (const neighbourId of affinity.neighboursOf(id)) propose(shelf.find(neighbourId));
    for (const category of categories) shelf.inCategory(category).forEach(propose);
  }
  const scored = [...candidates].map((product) => ({ product, score: scoreOf(affinity, guides, product) }));
  const best = scored.sort((a, b) => b.score - a.score).slice(0, count);
  const chosen = best.map(({ product }) => product);
  if (chosen.length === count) return chosen;
  for (const { id } of chosen) taken.add(id);
  return [...chosen, ...mostPopular(shelf, affinity, taken).slice(0, count - chosen.length)];
}

/** Products in stock by how much visitors did with them; equals in the order of the shelf. */
export function mostPopular(shelf: Shelf, affinity: Affinity, without: ReadonlySet<string>): ShelfProduct[] {
  const candidates = shelf.products.filter(({ id, isInStock }) => isInStock && !without.has(id));
  return candidates.sort((a, b) => affinity.popularityOf(b.id) - affinity.popularityOf(a.id));
}

function scoreOf(affinity: Affinity, guides: readonly ShelfProduct[], product: ShelfProduct): number {
  let score = 0;
  for (const one of guides)
    score += affinity.between(one.id, product.id) + likenessWeight * likeness(one, product);
  return score;
}
