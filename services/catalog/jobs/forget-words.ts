import { sweepAll, sweepSize, type Job } from "#platform/database/jobs.ts";
import type { CatalogContext } from "../context.ts";
import { deleteUnusedWords, markUnusedWords } from "../word-store.ts";

const unusedDays = 7;

/** Words that only products of the past had: they would be offered for typing mistakes, and lead nowhere. */
export function forgetWordsJob({ db }: Pick<CatalogContext, "db">): Job {
  return {
    name: "forget-words",
    everyMs: 24 * 3_600_000,
    isExclusive: true,
    run: async (signal) => {
      let last: string | undefined = "";
      while (last !== undefined && !signal.aborted) last = await markUnusedWords(db, last, sweepSize);
      await sweepAll(signal, async (size) => await deleteUnusedWords(db, unusedDays, size));
    },
  };
}
