const wordsMax = 8;
const wordLengthMax = 40;

/** The words of a search, as the index has them: small, without accents, letters and digits only. */
export function searchWords(query: string): string[] {
  const folded = query
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
  const words = folded.match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words.map((word) => word.slice(0, wordLengthMax)))].slice(0, wordsMax);
}

/** One word of a search and the words of the catalogue that may be meant by it. */
export interface SearchWord {
  readonly word: string;
  readonly meant: readonly string[];
}

/** Every word must occur: its beginning, or one of the words that it may mean. */
export function searchExpression(words: readonly SearchWord[]): string {
  return words.map(({ word, meant }) => `(${[`${word}:*`, ...meant].join(" | ")})`).join(" & ");
}

/** What is left of a word when any one letter is missing, and the word itself. */
export function lettersMissing(word: string): string[] {
  const letters = Array.from(word);
  return [...new Set([word, ...letters.map((_, place) => letters.toSpliced(place, 1).join(""))])];
}

/** One letter too many, missing, wrong, or two neighbours swapped. */
export function isOneTypoApart(a: string, b: string): boolean {
  const [short = [], long = []] = [Array.from(a), Array.from(b)].sort(
    (one, other) => one.length - other.length,
  );
  if (long.length - short.length > 1) return false;
  const start = long.findIndex((letter, place) => letter !== short[place]);
  if (start === -1) return false;
  const rest = (letters: readonly string[], from: number) => letters.slice(from).join("");
  if (long.length > short.length) return rest(long, start + 1) === rest(short, start);
  if (rest(long, start + 1) === rest(short, start + 1)) return true;
  const isSwapped = long[start] === short[start + 1] && long[start + 1] === short[start];
  return isSwapped && rest(long, start + 2) === rest(short, start + 2);
}

/** A search as PostgreSQL is asked for it. */
export interface ResolvedSearch {
  readonly expression: string;
  /** The words as one text, for names that begin with just that. */
  readonly plain: string;
}
