import { isUuid, randomCode } from "#platform/kit/ids.ts";

const slugLengthMax = 80;

/** "Crème Brûlée Set" becomes "creme-brulee-set"; undefined when nothing of the text can stand in a slug. */
export function slugOf(text: string): string | undefined {
  const slug = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/['’]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, slugLengthMax)
    .replace(/^-+|-+$/g, "");
  return slug === "" ? undefined : slug;
}

/** Lower-case words with single hyphens, and nothing that could be taken for an id. */
export function isSlug(text: string): boolean {
  return text.length <= slugLengthMax && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text) && !isUuid(text);
}

/** The slug again, told apart from others like it. */
export function slugWithSuffix(slug: string): string {
  return `${slug.slice(0, slugLengthMax - 6)}-${randomCode(5).toLowerCase()}`;
}
