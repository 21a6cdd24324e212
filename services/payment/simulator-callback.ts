// Callbacks of the built-in provider: what proves one, a keyed hash over the moment it was sent and its bytes; and what is read of
// it: which payment, no amounts.
import { isSignedBody, signatureHeader, signBody } from "#platform/auth/body-signature.ts";
import type { Secret } from "#platform/kit/config.ts";
import { invalid, type FieldViolation } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import { refusal } from "./errors.ts";
import type { ProviderNews, RawCallback } from "./provider.ts";

const bytesMax = 64 * 1024;
const idLengthMax = 255;
const typeLengthMax = 100;

export interface SignedCallback extends RawCallback {
  readonly secret: Secret | undefined;
  readonly now: Date;
}

export function signCallback(body: Uint8Array, secret: Secret, now: Date): RawCallback {
  return { body, headers: { [signatureHeader]: signBody(body, secret, now) } };
}

/** CALLBACK_INVALID unless the provider signed these bytes lately; VALIDATION_FAILED when it did and they say nothing we know. */
export function readCallback(callback: SignedCallback): ProviderNews {
  if (!isProven(callback)) throw refusal("CALLBACK_INVALID");
  return parseBody(callback.body);
}

function isProven({ body, headers, secret, now }: SignedCallback): boolean {
  if (!secret || body.length > bytesMax) return false;
  return isSignedBody(body, headers[signatureHeader], secret, now);
}

function parseBody(body: Uint8Array): ProviderNews {
  const { id, type, paymentId: key } = fieldsOf(body);
  const violations: FieldViolation[] = [];
  if (!isName(id, idLengthMax))
    violations.push({ path: "id", message: `must be a text of 1 to ${idLengthMax} characters` });
  if (!isName(type, typeLengthMax))
    violations.push({ path: "type", message: `must be a text of 1 to ${typeLengthMax} characters` });
  if (typeof key !== "string" || !isUuid(key))
    violations.push({ path: "paymentId", message: "must be a UUID in lower case" });
  if (violations.length > 0) throw invalid(violations);
  return { id, type, key } as ProviderNews;
}

function fieldsOf(body: Uint8Array): { readonly [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // Bytes that are no JSON are refused as JSON that is no object is.
  }
  throw invalid([{ path: "", message: "must be a JSON object" }]);
}

function isName(value: unknown, lengthMax: number): value is string {
  if (typeof value !== "string" || value === "" || value.length > lengthMax) return false;
  return value.isWellFormed() && !value.includes("\0");
}
