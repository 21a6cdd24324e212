// Where identifiers come from.
import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";

/**
 * A new UUID version 7 (RFC 9562): begins with the time in milliseconds, so that rows made together lie together in an
 * index. Unique without coordination; not a secret.
 */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return formatUuid(bytes);
}

/** A random UUID version 4, for identifiers that must not be guessed or ordered. */
export function newRandomId(): string {
  return randomUUID();
}

/**
 * The UUID version 5 (RFC 9562, SHA-1) of a name: the same name gives the same id for ever. Its version digit keeps it apart
 * from every id that newId makes.
 */
export function idFromName(namespace: string, name: string): string {
  const bytes = createHash("sha1").update(namespace).update("\0").update(name).digest().subarray(0, 16);
  bytes[6] = 0x50 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return formatUuid(bytes);
}

/** Random characters of `alphabet`, each equally likely. */
export function randomCode(length: number, alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"): string {
  let code = "";
  for (let index = 0; index < length; index += 1) code += alphabet.charAt(randomInt(alphabet.length));
  return code;
}

/** A random secret of 256 bits, safe in URLs and headers. */
export function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** A random number from 0 up to but not including 1, for jitter; never for secrets. */
export function randomFraction(): number {
  return Math.random();
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for the lower-case text form of any UUID, which is the only form ids have here. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** When an id that newId made was made, in milliseconds; undefined for ids that do not say. */
export function idMadeAtMs(id: string): number | undefined {
  return isUuid(id) && id.charAt(14) === "7"
    ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    : undefined;
}

function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
