import type { Queryable } from "#platform/database/db.ts";
import {
  isOneTypoApart,
  lettersMissing,
  searchExpression,
  searchWords,
  type ResolvedSearch,
  type SearchWord,
} from "./search.ts";
import { findNearWords, findUnknownWords, findWordsAround } from "./search-store.ts";

const meantMax = 8;
const nearMax = 50;
const partLengthMin = 4;
const typoLengthMin = 3;

/** What PostgreSQL is asked for a search, or undefined when there is no word in it. Only words that lead nowhere are guessed at. */
export async function resolveSearch(db: Queryable, query: string): Promise<ResolvedSearch | undefined> {
  const words = searchWords(query);
  if (words.length === 0) return undefined;
  const unknown = new Set(await findUnknownWords(db, words));
  const resolved: SearchWord[] = [];
  for (const word of words) resolved.push({ word, meant: unknown.has(word) ? await meantBy(db, word) : [] });
  return { expression: searchExpression(resolved), plain: words.join(" ") };
}

async function meantBy(db: Queryable, word: string): Promise<string[]> {
  if (word.length < typoLengthMin || /\p{N}/u.test(word)) return [];
  const near = (await findNearWords(db, lettersMissing(word), nearMax)).filter((other) =>
    isOneTypoApart(word, other),
  );
  const around = word.length >= partLengthMin ? await findWordsAround(db, word, meantMax) : [];
  return [...new Set([...near, ...around])].slice(0, meantMax);
}
