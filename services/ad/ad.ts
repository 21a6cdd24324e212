// Which ads are shown: pure.
import { idFromName, randomFraction } from "#platform/kit/ids.ts";

export interface Ad {
  readonly id: string;
  readonly text: string;
  readonly redirectUrl: string;
  readonly imageUrl: string;
  /** In lower case. */
  readonly contextKeys: readonly string[];
}

/** The id of an ad that comes with the program: the same in every shop and at every start. */
export function adIdOf(name: string): string {
  return idFromName("stoa.ad", name);
}

/** Shown where there is no other ad: a page never goes without one. */
export const houseAd: Ad = {
  id: adIdOf("house"),
  text: "New things are in the shop. Have a look around.",
  redirectUrl: "/",
  imageUrl: "",
  contextKeys: [],
};

/**
 * Shows ads in turn: of those that match, the ones shown least in this process, drawn by lot where they are equal. Costs a pass
 * over the ads and writes nothing.
 */
export class AdRotation {
  #ads: readonly Ad[] = [houseAd];
  #shown = new Map<string, number>();

  /** Puts other ads in force. A new ad starts level with the least shown one, so that it does not crowd out the rest. */
  replace(ads: readonly Ad[]): void {
    this.#ads = ads.length > 0 ? ads : [houseAd];
    const known = this.#ads.map(({ id }) => this.#shown.get(id)).filter((count) => count !== undefined);
    const least = known.length > 0 ? Math.min(...known) : 0;
    this.#shown = new Map(this.#ads.map(({ id }) => [id, (this.#shown.get(id) ?? least) - least]));
  }

  find(adId: string): Ad | undefined {
    return this.#ads.find(({ id }) => id === adId) ?? (adId === houseAd.id ? houseAd : undefined);
  }

  /** True when some ad has one of the keys. */
  matches(contextKeys: readonly string[]): boolean {
    return this.#matching(contextKeys).length > 0;
  }

  /** At least one ad and at most `count`: those with one of the keys, or any where no ad has one. */
  next(contextKeys: readonly string[], count: number): Ad[] {
    const matching = this.#matching(contextKeys);
    const turn = (matching.length > 0 ? matching : this.#ads).map((ad) => {
      return { ad, shown: this.#shown.get(ad.id) ?? 0, lot: randomFraction() };
    });
    turn.sort((a, b) => a.shown - b.shown || a.lot - b.lot);
    const chosen = turn.slice(0, Math.max(1, count));
    for (const { ad, shown } of chosen) this.#shown.set(ad.id, shown + 1);
    return chosen.map(({ ad }) => ad);
  }

  #matching(contextKeys: readonly string[]): Ad[] {
    const wanted = new Set(contextKeys.map((key) => key.toLowerCase()));
    return this.#ads.filter((ad) => ad.contextKeys.some((key) => wanted.has(key)));
  }
}
