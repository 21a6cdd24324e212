import { meantBy } from "#platform/kit/nearest.ts";
import { StartError } from "#platform/kit/start-error.ts";

/** A command line that cannot be understood. The program ends with code 2 and has done nothing. */
export class UsageError extends StartError {}

/** A word that is none of those there are. */
export function unknownWord(sentence: string, word: string, names: readonly string[]): UsageError {
  const meant = meantBy(word, names);
  return new UsageError(
    `${sentence} ${meant === undefined ? `There are: ${names.join(", ")}.` : `Did you mean ${meant}?`}`,
  );
}
