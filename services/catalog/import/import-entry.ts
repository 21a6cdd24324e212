import type { FieldViolation } from "#platform/kit/errors.ts";
import type { ProductInput } from "../product-draft.ts";

/** One product of a file, and where it stands there; or why it cannot be read. */
export interface ImportEntry {
  readonly line: number;
  readonly input: ProductInput | undefined;
  readonly faults: readonly FieldViolation[];
}

export function unreadable(line: number, message: string): ImportEntry {
  return { line, input: undefined, faults: [{ path: "", message }] };
}
