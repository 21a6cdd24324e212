import { loadWords } from "../look.ts";

/** The texts of the house in English, for tests of what uses them. */
export const english = await loadWords("en-US", []);
