import type { Queryable } from "#platform/database/db.ts";

/** Notes which of the next words no product has any more; answers the last word looked at, or undefined at the end. */
export async function markUnusedWords(
  db: Queryable,
  after: string,
  limit: number,
): Promise<string | undefined> {
  const row = await db.row<{ last: string | null }>(
    `with batch as (
       select word from search_words where word > $1 collate "C" order by word limit $2
     ), marked as (
       update search_words set unused_at = now()
       where word in (select word from batch) and unused_at is null
         and not exists (select 1 from products where products.deleted_at is null
                         and products.search @@ quote_literal(search_words.word)::tsquery)
     )
     select max(word) as last from batch`,
    [after, limit],
  );
  return row?.last ?? undefined;
}

/** Deletes words that have been unused for so long; tells how many. */
export async function deleteUnusedWords(db: Queryable, days: number, limit: number): Promise<number> {
  return await db.run(
    `delete from search_words where unused_at < now() - make_interval(days => $1)
       and word in (select word from search_words where unused_at < now() - make_interval(days => $1) limit $2)`,
    [days, limit],
  );
}
