import type { ShopWords } from "../look.ts";

/** The rates name their methods in English; those of the house have names in every language. */
export function methodName(words: ShopWords, code: string, name: string): string {
  return words.isEnglish ? name : (words.find(`shipping.method.${code}`) ?? name);
}
