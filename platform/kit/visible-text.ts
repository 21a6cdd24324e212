/**
 * True for text in which a person sees something: a letter, digit or sign. Spaces of every kind, control characters, characters without
 * width or shape (U+200B, U+2060, U+3164, U+2800 and their like) and marks that stand on nothing are nothing to see. Whether the text
 * is short enough, well-formed or free of control characters elsewhere is not asked.
 */
export function isVisible(text: string): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(/[\p{Default_Ignorable_Code_Point}\u2800]/gu, ""));
}
