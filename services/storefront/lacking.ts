// What a page lacks, and the words for it: nothing is missing from a page without being said.
import type { ShopWords } from "./look.ts";

/** Parts that a page can be shown without. Who does not see an advertisement misses nothing, so that goes without saying. */
export type OptionalPart = "ad" | "cart" | "categories" | "currencies" | "delivery" | "suggestions" | "other";

const told = {
  cart: "lacking.cart",
  categories: "lacking.categories",
  currencies: "lacking.currencies",
  delivery: "lacking.delivery",
  suggestions: "lacking.suggestions",
} as const;

/** Beside a name, how many seconds ago it was as it is shown: `catalog;age=37, recommendation`, as the API says it. */
const partPattern = /^([a-z]+)(?:;age=(\d{1,9}))?$/;

export class Lacking {
  readonly #parts = new Set<OptionalPart>();
  #leftOut = 0;
  #catalogAge: number | undefined;
  #ratesAge: number | undefined;
  #unconverted: string | undefined;

  /** How many parts did not come in time. */
  get leftOut(): number {
    return this.#leftOut;
  }

  leaveOut(part: OptionalPart): undefined {
    this.#leftOut += 1;
    this.#parts.add(part);
  }

  /** What the API says of an answer. */
  hear(degraded: string | undefined): void {
    for (const text of (degraded ?? "").split(", ")) {
      const [, name, age = "0"] = partPattern.exec(text) ?? [];
      if (name === "catalog") this.#catalogAge = Math.max(Number(age), this.#catalogAge ?? 0);
      if (name === "currency") this.#ratesAge = Math.max(Number(age), this.#ratesAge ?? 0);
      if (name === "recommendation") this.#parts.add("suggestions");
    }
  }

  get isUnconverted(): boolean {
    return this.#unconverted !== undefined;
  }

  /** Prices cannot be shown in this currency. */
  leaveUnconverted(currency: string): void {
    this.#unconverted = currency;
  }

  sentences(words: ShopWords, { base, currency }: { base: string; currency: string }): string[] {
    const missing = [...this.#parts].flatMap((part) =>
      part === "ad" || part === "other" ? [] : [words.text(told[part])],
    );
    return [
      ...(this.#catalogAge === undefined
        ? []
        : [words.text("lacking.oldGoods", { minutes: minutesOf(this.#catalogAge) })]),
      ...(this.#ratesAge === undefined || currency === base
        ? []
        : [words.text("lacking.oldRates", { currency, minutes: minutesOf(this.#ratesAge) })]),
      ...(this.#unconverted === undefined
        ? []
        : [words.text("lacking.noRates", { currency: this.#unconverted, base })]),
      ...(missing.length === 0 ? [] : [words.text("lacking.parts", { parts: words.list(missing) })]),
    ];
  }
}

function minutesOf(seconds: number): number {
  return Math.round(seconds / 60);
}
