// What an entry of the activity log says of a change: only what is different.
import { isDeepStrictEqual } from "node:util";

const textMax = 300;

/** The fields of two states of a thing that are not the same in both, each with its value before and after; long texts are cut. */
export function changedFields(
  before: { readonly [field: string]: unknown },
  after: { readonly [field: string]: unknown },
): { readonly before: object; readonly after: object } {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
  const only = (state: { readonly [field: string]: unknown }) =>
    Object.fromEntries(changed.map((name) => [name, cut(state[name] ?? null)]));
  return { before: only(before), after: only(after) };
}

function cut(value: unknown): unknown {
  return typeof value === "string" && value.length > textMax ? `${value.slice(0, textMax)}…` : value;
}
