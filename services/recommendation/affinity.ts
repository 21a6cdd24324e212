// How well products go together, from what visitors did: pure.

/** Two products and the strength of their occurring together. */
export interface PairStrength {
  readonly one: string;
  readonly other: string;
  readonly strength: number;
}

/** Draws rare pairs towards 0: a few visits prove little. */
const shrinkage = 10;

/** The learned counts, ready to be asked. */
export class Affinity {
  readonly #neighbours = new Map<string, Map<string, number>>();
  readonly #popularity: ReadonlyMap<string, number>;

  constructor(pairs: Iterable<PairStrength>, popularity: ReadonlyMap<string, number>) {
    this.#popularity = popularity;
    for (const { one, other, strength } of pairs) {
      this.#note(one, other, strength);
      this.#note(other, one, strength);
    }
  }

  /** Sum over visits of squared weights, decayed. */
  popularityOf(productId: string): number {
    return this.#popularity.get(productId) ?? 0;
  }

  neighboursOf(productId: string): Iterable<string> {
    return this.#neighbours.get(productId)?.keys() ?? [];
  }

  /** Cosine of the two products over all visits, shrunk; from 0 to 1. */
  between(one: string, other: string): number {
    const strength = this.#neighbours.get(one)?.get(other) ?? 0;
    if (strength === 0) return 0;
    return strength / (Math.sqrt(this.popularityOf(one) * this.popularityOf(other)) + shrinkage);
  }

  #note(one: string, other: string, strength: number): void {
    const neighbours = this.#neighbours.get(one) ?? new Map<string, number>();
    this.#neighbours.set(one, neighbours.set(other, strength));
  }
}
