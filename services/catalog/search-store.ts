import type { Queryable } from "#platform/database/db.ts";

/** Sorts after every letter. */
const lastLetter = "\u{10ffff}";

/** Those words with which no word of the catalogue begins, also not in their basic form. */
export async function findUnknownWords(db: Queryable, words: readonly string[]): Promise<string[]> {
  const rows = await db.rows<{ word: string }>(
    `select asked.word from unnest($1::text[]) as asked (word)
     where not exists (select 1 from search_words as known
                       where known.word >= asked.word collate "C" and known.word < asked.word || $2 collate "C")
       and not exists (select 1 from unnest(tsvector_to_array(to_tsvector('english', asked.word))) as stem
                       join search_words as known on known.word = stem collate "C")`,
    [words, lastLetter],
  );
  return rows.map(({ word }) => word);
}

/** Words of the catalogue that share what is left of them when a letter goes. */
export async function findNearWords(
  db: Queryable,
  rests: readonly string[],
  limit: number,
): Promise<string[]> {
  const rows = await db.rows<{ word: string }>(
    "select word from search_words where near && $1::text[] order by length(word), word limit $2",
    [rests, limit],
  );
  return rows.map(({ word }) => word);
}

/** Words of the catalogue that contain a part, which is letters and digits only. */
export async function findWordsAround(db: Queryable, part: string, limit: number): Promise<string[]> {
  const rows = await db.rows<{ word: string }>(
    "select word from search_words where word like '%' || $1 || '%' order by length(word), word limit $2",
    [part, limit],
  );
  return rows.map(({ word }) => word);
}
