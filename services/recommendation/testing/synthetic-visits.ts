// Recorded behaviour for tests: invented visitors with tastes, drawn from a seed, so that every run sees the same ones.
import { weights, type Deed } from "../co-occurrence.ts";
import { Shelf } from "../shelf.ts";

/** mulberry32: a small generator of reproducible numbers from 0 up to but not including 1. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const productCount = 80;
const categoryCount = 8;
const tasteCount = 12;
const tasteSize = 8;

/** Eighty products in eight categories. */
export function syntheticShelf(): Shelf {
  const products = Array.from({ length: productCount }, (_, index) => ({
    id: productIdOf(index),
    code: `CODE${String(index).padStart(6, "0")}`,
    slug: `product-${index}`,
    price: 500 + ((index * 7919) % 9_000),
    categories: new Set([`category-${index % categoryCount}`]),
    attributes: new Set([`colour=${index % 5}`]),
    isInStock: true,
  }));
  return new Shelf(products);
}

/**
 * Visits of people who each follow one of twelve tastes; a taste is eight products across categories, and tastes overlap. Three of
 * ten products come from anywhere, popular ones much more often than others. Each product is viewed; some are carted, some bought.
 */
export function syntheticVisits(count: number, seed: number): Deed[][] {
  const random = seededRandom(seed);
  const tasteRandom = seededRandom(7);
  const tastes = Array.from({ length: tasteCount }, () =>
    Array.from({ length: tasteSize }, () => Math.floor(tasteRandom() * productCount)),
  );
  return Array.from({ length: count }, (_, visit) => {
    // Some tastes are common, some rare.
    const taste = tastes[Math.floor(random() ** 1.5 * tasteCount)] ?? [];
    const length = 3 + Math.floor(random() * 4);
    const chosen = new Set<number>();
    while (chosen.size < length) {
      const isStray = random() < 0.3;
      // The cube makes the first products of the shelf popular with everyone.
      const stray = Math.floor(random() ** 3 * productCount);
      chosen.add(isStray ? stray : (taste[Math.floor(random() * tasteSize)] ?? stray));
    }
    return [...chosen].flatMap((index) => deedsWith(productIdOf(index), `visit-${seed}-${visit}`, random()));
  });
}

function deedsWith(productId: string, session: string, chance: number): Deed[] {
  const deeds = [{ session, productId, weight: weights.view as number }];
  if (chance < 0.4) deeds.push({ session, productId, weight: weights.cart });
  if (chance < 0.2) deeds.push({ session, productId, weight: weights.purchase });
  return deeds;
}

function productIdOf(index: number): string {
  return `0190a000-0000-7000-8000-${index.toString(16).padStart(12, "0")}`;
}
