import type { VariantDraft } from "./product-draft.ts";

/** SKUs and options find the product too. */
export function keywordsOf(
  keywords: string,
  variants: readonly Pick<VariantDraft, "sku" | "options">[],
): string {
  return [...new Set([keywords, ...wordsOf(variants)])].join(" ").trim();
}

/** What is left of the keywords of a product without the SKUs and options of its variants, which stand behind its own. */
export function ownKeywords(
  keywords: string,
  variants: readonly Pick<VariantDraft, "sku" | "options">[],
): string {
  const words = new Set(wordsOf(variants).filter((word) => word !== ""));
  let own = keywords;
  for (let isShorter = true; isShorter;) {
    isShorter = false;
    for (const word of words) {
      if (own !== word && !own.endsWith(` ${word}`)) continue;
      own = own.slice(0, own.length - word.length).trimEnd();
      words.delete(word);
      isShorter = true;
    }
  }
  return own;
}

function wordsOf(variants: readonly Pick<VariantDraft, "sku" | "options">[]): string[] {
  return variants.flatMap(({ sku = "", options }) => [sku, ...Object.values(options)]);
}
