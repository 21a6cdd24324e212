// How services prove their names to each other.
import { createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from "node:crypto";

/** What a proof is bound to: none of it can be exchanged for anything else. */
export interface ProvenCall {
  /** The path of an RPC, or method and path of an HTTP request. */
  readonly method: string;
  /** `bodyHash` of what is sent; `streamed` for a body that is passed on as it comes. */
  readonly bodyHash: string;
  /** What else is said with it: the user's token, a visitor's address. Without the token a call would have other rights. */
  readonly said?: readonly (string | undefined)[];
}

/** How long a proof is good for, and how far the clocks of two machines may be apart. */
export const proofSeconds = 60;

/** In place of a hash, for a body that is not known before it is sent on. */
export const streamed = "streamed";

/** SHA-256 of a body; the empty one for a call without. */
export function bodyHash(body: Uint8Array | string = ""): string {
  return hash("sha256", body, "base64url");
}

/**
 * Proves to another process which service is calling: name, time, hash of the body, and HMAC-SHA256 over these, the method and what is
 * said with it, under the key all services of one shop share. Good for one minute and for the very same call only; whoever
 * sees it can repeat that call and nothing else.
 */
export function signCall(service: string, key: string, nowMs: number, call: ProvenCall): string {
  const claim = `${service}.${Math.floor(nowMs / 1000)}.${call.bodyHash}`;
  return `${claim}.${mac(claim, key, call)}`;
}

/**
 * The name of the service and the hash of the body it speaks of, or undefined when the proof is wrong, foreign or old. `call` has no
 * hash while the body is still to be read: then the caller compares it as soon as it is.
 */
export function verifyCall(
  proof: string,
  key: string,
  nowMs: number,
  call: Omit<ProvenCall, "bodyHash">,
): { readonly service: string; readonly bodyHash: string } | undefined {
  const match = /^([a-z]{2,32})\.(\d{10})\.([\w-]{43}|streamed)\.([\w-]{43})$/.exec(proof);
  if (!match) return undefined;
  const [, service = "", seconds = "", claimedHash = "", claimedMac = ""] = match;
  if (Math.abs(nowMs / 1000 - Number(seconds)) > proofSeconds) return undefined;
  const expected = mac(`${service}.${seconds}.${claimedHash}`, key, { ...call, bodyHash: claimedHash });
  if (!timingSafeEqual(Buffer.from(claimedMac), Buffer.from(expected))) return undefined;
  return { service, bodyHash: claimedHash };
}

function mac(claim: string, key: string, { method, said = [] }: ProvenCall): string {
  // JSON keeps what is said apart: a line break in one cannot become the next.
  const text = `${claim}\n${JSON.stringify([method, ...said])}`;
  return createHmac("sha256", keyObject(key)).update(text).digest("base64url");
}

const keyObjects = new Map<string, KeyObject>();

/** Making the key ready costs as much as using it. */
function keyObject(key: string): KeyObject {
  const known = keyObjects.get(key);
  if (known) return known;
  if (keyObjects.size >= 16) keyObjects.clear();
  const made = createSecretKey(Buffer.from(key));
  keyObjects.set(key, made);
  return made;
}
