import { isUuid, randomCode } from "#platform/kit/ids.ts";

const slugLengthMax = 80;

/** Latin letters that Unicode does not take apart, as people type them without their marks. */
const plainLatin: { readonly [letter: string]: string } = {
  ...{
    ß: "ss",
    æ: "ae",
    ǽ: "ae",
    ǣ: "ae",
    œ: "oe",
    ø: "o",
    ǿ: "o",
    ð: "d",
    đ: "d",
    þ: "th",
    ħ: "h",
    ı: "i",
    ȷ: "j",
  },
  ...{
    ł: "l",
    ƚ: "l",
    ɫ: "l",
    ŋ: "n",
    ɲ: "n",
    ƞ: "n",
    ŧ: "t",
    ƭ: "t",
    ʈ: "t",
    ƀ: "b",
    ɓ: "b",
    ƃ: "b",
    ƈ: "c",
    ȼ: "c",
  },
  ...{
    ɖ: "d",
    ɗ: "d",
    ƌ: "d",
    ə: "e",
    ǝ: "e",
    ɛ: "e",
    ɇ: "e",
    ƒ: "f",
    ǥ: "g",
    ɠ: "g",
    ɣ: "g",
    ƕ: "hv",
    ɨ: "i",
    ɩ: "i",
  },
  ...{
    ɉ: "j",
    ƙ: "k",
    ĸ: "k",
    ɵ: "o",
    ɔ: "o",
    ƥ: "p",
    ɋ: "q",
    ɍ: "r",
    ʂ: "s",
    ȿ: "s",
    ʉ: "u",
    ʋ: "v",
    ⱳ: "w",
    ƴ: "y",
  },
  ...{ ɏ: "y", ƶ: "z", ȥ: "z", ɀ: "z", ʒ: "z", ⱥ: "a", ɐ: "a", ⱦ: "t", ꜳ: "aa", ꜵ: "ao", ꝏ: "oo" },
};

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
    .replace(/\p{Script=Latin}/gu, (letter) => plainLatin[letter] ?? letter)
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
