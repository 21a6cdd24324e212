// What proves the body of an HTTP request between programs that share a secret: a keyed hash over the moment it was sent and its bytes.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "#platform/kit/config.ts";

/** The header that carries a signature: `t=<seconds since 1970>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hexadecimal digits>`. */
export const signatureHeader = "stoa-signature";

/** Clocks may differ by so much; an older signature may have been recorded by somebody and sent again. */
const toleranceSeconds = 300;

/** The value of the header for these bytes, sent now. */
export function signBody(body: Uint8Array, secret: Secret, now: Date): string {
  const seconds = String(Math.floor(now.getTime() / 1000));
  return `t=${seconds},v1=${hashOf(seconds, body, secret).toString("hex")}`;
}

/** True when whoever has the secret signed these bytes within the last five minutes. Repeats within that time are not recognised. */
export function isSignedBody(
  body: Uint8Array,
  signature: string | undefined,
  secret: Secret,
  now: Date,
): boolean {
  const [, seconds, hex] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature ?? "") ?? [];
  if (seconds === undefined || hex === undefined) return false;
  if (Math.abs(now.getTime() / 1000 - Number(seconds)) > toleranceSeconds) return false;
  return timingSafeEqual(Buffer.from(hex, "hex"), hashOf(seconds, body, secret));
}

function hashOf(seconds: string, body: Uint8Array, secret: Secret): Buffer {
  return createHmac("sha256", secret.reveal()).update(`${seconds}.`).update(body).digest();
}
