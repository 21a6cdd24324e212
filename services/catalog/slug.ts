import { isUuid, randomCode } from "#platform/kit/ids.ts";

const slugLengthMax = 80;

/** Latin letters that Unicode does not take apart, as people type them without their marks. */
const plainLatin = new Map(
  [
    ["ⱥɐ", "a"],
    ["ꜳ", "aa"],
    ["æǽǣ", "ae"],
    ["ꜵ", "ao"],
    ["ƀɓƃ", "b"],
    ["ƈȼ", "c"],
    ["ðđɖɗƌ", "d"],
    ["əǝɛɇ", "e"],
    ["ƒ", "f"],
    ["ǥɠɣ", "g"],
    ["ħ", "h"],
    ["ƕ", "hv"],
    ["ıɨɩ", "i"],
    ["ȷɉ", "j"],
    ["ƙĸ", "k"],
    ["łƚɫ", "l"],
    ["ŋɲƞ", "n"],
    ["øǿɵɔ", "o"],
    ["œ", "oe"],
    ["ꝏ", "oo"],
    ["ƥ", "p"],
    ["ɋ", "q"],
    ["ɍ", "r"],
    ["ʂȿ", "s"],
    ["ß", "ss"],
    ["ŧƭʈⱦ", "t"],
    ["þ", "th"],
    ["ʉ", "u"],
    ["ʋ", "v"],
    ["ⱳ", "w"],
    ["ƴɏ", "y"],
    ["ƶȥɀʒ", "z"],
  ].flatMap(([letters = "", plain = ""]) => Array.from(letters, (letter) => [letter, plain] as const)),
);

/** Signs behind a word that make another name of it: C, C++ and C# are three. */
const spokenSigns: { readonly [sign: string]: string } = {
  "+": "plus",
  "#": "sharp",
  "%": "percent",
  "*": "star",
};

const word = String.raw`[\p{L}\p{N}][\p{L}\p{M}\p{N}]*`;
const slugPattern = new RegExp(`^${word}(-${word})*$`, "u");

/**
 * "Crème Brûlée Set" becomes "creme-brulee-set", "Чай" "чай": letters and digits of every script, in small letters; Latin ones
 * without marks. Undefined when nothing of the text can stand in a slug.
 */
export function slugOf(text: string): string | undefined {
  const plain = text
    .toWellFormed()
    .normalize("NFKD")
    .toLowerCase()
    .replace(/(\p{Script=Latin})\p{M}+/gu, "$1")
    .replace(/\p{Script=Latin}/gu, (letter) => plainLatin.get(letter) ?? letter)
    .replace(/['’‘ʼʻ\p{Cf}\p{Default_Ignorable_Code_Point}\p{Me}]/gu, "")
    .replace(/(?<=[\p{L}\p{N}\p{M}+#%*])[+#%*](?![\p{L}\p{N}])/gu, (sign) => `-${spokenSigns[sign] ?? ""}`)
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "-")
    .replace(/(?<=^|-)\p{M}+/gu, "");
  const slug = shortened(plain.replace(/-{2,}/g, "-").replace(/^-/, ""), slugLengthMax);
  return slug === "" ? undefined : slug;
}

/** Never in the middle of a letter. */
function shortened(slug: string, lengthMax: number): string {
  let kept = "";
  for (const letter of slug) {
    if (kept.length + letter.length > lengthMax) break;
    kept += letter;
  }
  return kept.replace(/-+$/, "");
}

/** Words of letters and digits of any script, none of them a capital, with single hyphens; nothing that could be taken for an id. */
export function isSlug(text: string): boolean {
  return (
    text.length <= slugLengthMax &&
    slugPattern.test(text) &&
    text === text.toLowerCase() &&
    text === text.normalize("NFC") &&
    !/\p{Default_Ignorable_Code_Point}/u.test(text) &&
    !isUuid(text)
  );
}

/** The slug again, told apart from others like it. */
export function slugWithSuffix(slug: string, suffix = randomCode(5).toLowerCase()): string {
  return `${shortened(slug, slugLengthMax - 1 - suffix.length)}-${suffix}`;
}
