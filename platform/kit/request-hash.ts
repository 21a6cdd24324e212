// The fingerprint of a request that carries an idempotency key: what was asked, not how it was written down.
import { createHash } from "node:crypto";

/** A value with a meaning of its own; how a message lies in memory or on a wire does not belong in it. */
export type NamedValue =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | Date
  | readonly NamedValue[]
  | { readonly [name: string]: NamedValue };

/**
 * SHA-256 over named business values, preceded by the version that says which values these are. The order of names does not
 * count. A name whose value is undefined counts as not there, so that a later release may add an optional value without
 * changing the hash of requests that do not use it. A number and a bigint of the same worth are equal; text never equals a
 * number. Empty text, null, false and 0 are values: whoever wants a default to count as absent passes undefined. The result
 * is kept for as long as a key is remembered, so a version never changes what it means; a new meaning is a new version, and a
 * kept hash of an old one is compared with `requestHash` of that old version.
 */
export function requestHash(version: string, values: { readonly [name: string]: NamedValue }): string {
  const digest = createHash("sha256")
    .update(`${version}\0${canonical(values)}`)
    .digest("base64url");
  return `${version}.${digest}`;
}

/** The version with which a kept hash was made; undefined for a text that requestHash did not make. */
export function requestHashVersion(hash: string): string | undefined {
  return /^(.+)\.[\w-]{43}$/.exec(hash)?.[1];
}

function canonical(value: NamedValue): string {
  if (value === undefined) throw new Error("A list may not hold undefined: it would move what follows.");
  if (value === null) return "null";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return canonicalNumber(value);
  if (value instanceof Date) return `@${value.toISOString()}`;
  if (Array.isArray(value)) return `[${value.map((part: NamedValue) => canonical(part)).join(",")}]`;
  if (typeof value === "object") return canonicalFields(value as { readonly [name: string]: NamedValue });
  return JSON.stringify(value);
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`${value} is not a value that a request can mean.`);
  // -0 and 0 mean the same.
  return Number.isSafeInteger(value) ? BigInt(value).toString() : String(value);
}

function canonicalFields(fields: { readonly [name: string]: NamedValue }): string {
  const parts: string[] = [];
  for (const name of Object.keys(fields).sort()) {
    const value = fields[name];
    if (value !== undefined) parts.push(`${JSON.stringify(name)}:${canonical(value)}`);
  }
  return `{${parts.join(",")}}`;
}
