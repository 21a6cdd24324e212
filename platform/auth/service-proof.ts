// How services prove their names to each other.
import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Proves to another process which service is calling: name, time and HMAC-SHA256 under the key all services of one shop
 * share. Good for five minutes, so a captured one soon is worth nothing.
 */
export function signServiceName(service: string, key: string, nowMs: number): string {
  const claim = `${service}.${Math.floor(nowMs / 1000)}`;
  return `${claim}.${serviceMac(claim, key)}`;
}

const serviceProofSeconds = 300;

/** The proved service name, or undefined when the proof is wrong, foreign or old. */
export function verifyServiceName(proof: string, key: string, nowMs: number): string | undefined {
  const match = /^([a-z]{2,32})\.(\d{10})\.([\w-]{43})$/.exec(proof);
  if (!match) return undefined;
  const [, service = "", seconds = "", mac = ""] = match;
  const expected = serviceMac(`${service}.${seconds}`, key);
  if (!timingSafeEqual(Buffer.from(mac), Buffer.from(expected))) return undefined;
  return Math.abs(nowMs / 1000 - Number(seconds)) <= serviceProofSeconds ? service : undefined;
}

function serviceMac(claim: string, key: string): string {
  return createHmac("sha256", key).update(claim).digest("base64url");
}
