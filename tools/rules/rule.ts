import type { SourceFile } from "../source-file.ts";

/** One house rule: looks at one file and says, in a sentence each, where it is broken. */
export type Rule = (source: SourceFile) => Finding[];
export type Finding = { at: number; says: string };

/** Tests, also those that need programs beyond npm, and the suites that every implementation of a port runs over itself. */
export const isTest = (path: string) => /\.(test|contract|outside)\.ts$/.test(path);

/** The service a path belongs to; undefined for everything outside `services/<name>/`. */
export function serviceOf(path: string): string | undefined {
  return /^services\/([^/]+)\//.exec(path)?.[1];
}

/** Every match of the pattern in the text as a finding; the sentence may use what was found. */
export function findAll(text: string, pattern: RegExp, says: (found: string) => string): Finding[] {
  return [...text.matchAll(pattern)].map((match) => ({ at: match.index, says: says(match[0].trim()) }));
}
