// What can be learned from a visitor's doings: pure.

/** What people do with products, and how much it says about them. */
export const weights = { view: 1, cart: 2, purchase: 3 } as const;
export type BehaviorKind = keyof typeof weights;

/** One thing a visitor did. */
export interface Deed {
  readonly session: string;
  readonly productId: string;
  readonly weight: number;
}

/** The products of one visit with their weights, oldest first. */
export type Visit = Map<string, number>;

/** A visit is compared with so many of its latest products, so that a robot's visit costs no more than a shopper's. */
export const visitItemsMax = 30;

/** What a batch of deeds adds to the counts. */
export interface Lessons {
  /** By pair key: the sum over visits of weight × weight. */
  readonly pairs: Map<string, number>;
  /** By product: the sum over visits of weight². */
  readonly products: Map<string, number>;
  /** Weights that are new or have grown, by session. */
  readonly visits: Map<string, Map<string, number>>;
}

export function noLessons(): Lessons {
  return { pairs: new Map(), products: new Map(), visits: new Map() };
}

/**
 * Learns one deed. Seen as vectors over all visits, the counts are the inner products of products: so their cosine is exact however
 * the deeds are ordered and batched. Only the strongest deed with a product counts, whatever is repeated.
 */
export function learn(lessons: Lessons, visit: Visit, { session, productId, weight }: Deed): void {
  const before = visit.get(productId) ?? 0;
  if (weight <= before) return;
  for (const [otherId, otherWeight] of visit) {
    if (otherId !== productId)
      grow(lessons.pairs, pairKey(productId, otherId), (weight - before) * otherWeight);
  }
  grow(lessons.products, productId, weight ** 2 - before ** 2);
  // Deleted first, so that the latest product stands last.
  visit.delete(productId);
  visit.set(productId, weight);
  const [oldest] = visit.keys();
  if (visit.size > visitItemsMax && oldest !== undefined) visit.delete(oldest);
  const changed = lessons.visits.get(session) ?? new Map<string, number>();
  lessons.visits.set(session, changed.set(productId, weight));
}

/** The same for both orders; ids have one length and contain no space. */
export function pairKey(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

function grow(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
