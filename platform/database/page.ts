// Cursor paging: opaque cursors that name a place in an order, not a page number, so that writes never repeat or skip a row.
import { invalid } from "#platform/kit/errors.ts";

/** Default and bound of `limit` in every list. */
export const pageLimitDefault = 24;
export const pageLimitMax = 100;

/** Reads a limit; 0 or absent means the default. Throws `invalid` outside 1–100. */
export function parseLimit(limit: number | undefined): number {
  if (limit === undefined || limit === 0) return pageLimitDefault;
  if (!Number.isInteger(limit) || limit < 1 || limit > pageLimitMax) {
    throw invalid([{ path: "limit", message: `must be a whole number from 1 to ${pageLimitMax}` }]);
  }
  return limit;
}

/** Packs the sort keys of the last row into an opaque text. */
export function encodeCursor(keys: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(keys)).toString("base64url");
}

/** Longest cursor that is read. */
const cursorLengthMax = 1024;

/** Unpacks a cursor that must hold `count` keys; "" and undefined mean the first page. Throws `invalid` for anything foreign. */
export function decodeCursor(
  cursor: string | undefined,
  count: number,
): (string | number | null)[] | undefined {
  if (cursor === undefined || cursor === "") return undefined;
  const keys = cursor.length <= cursorLengthMax ? parsedKeys(cursor) : undefined;
  if (!keys || keys.length !== count)
    throw invalid([{ path: "cursor", message: "is not a cursor that this list gave out" }]);
  return keys;
}

function parsedKeys(cursor: string): (string | number | null)[] | undefined {
  const bytes = Buffer.from(cursor, "base64url");
  if (bytes.toString("base64url") !== cursor) return undefined;
  try {
    const keys: unknown = JSON.parse(bytes.toString("utf8"));
    return Array.isArray(keys) && keys.every(isKey) ? keys : undefined;
  } catch {
    return undefined;
  }
}

/** What PostgreSQL takes as a parameter: no infinity (1e400 in JSON), no text with a NUL. */
function isKey(key: unknown): key is string | number | null {
  return typeof key === "string" ? !key.includes("\0") : key === null || Number.isFinite(key);
}
