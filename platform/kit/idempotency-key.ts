// What a caller may choose as an idempotency key.
import { invalid } from "./errors.ts";

const keyPattern = /^[\x20-\x7e]{1,255}$/;

/** Throws `invalid` for a key that is not 1 to 255 printable ASCII characters; `path` names it to the caller. */
export function requireIdempotencyKey(key: string, path: string): string {
  if (keyPattern.test(key)) return key;
  throw invalid([{ path, message: "must be 1 to 255 printable ASCII characters" }]);
}
