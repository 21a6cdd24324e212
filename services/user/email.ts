import { domainToASCII } from "node:url";
import { invalid } from "#platform/kit/errors.ts";

const lengthMax = 254;
const localLengthMax = 64;
const localPattern = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The one form in which an address is stored and compared: ASCII local part and IDNA domain, all lower case. Throws
 * `invalid` for everything that two people could read as the same address.
 */
export function parseEmail(text: string, path = "email"): string {
  const email = canonicalEmail(text);
  if (email === undefined)
    throw invalid([{ path, message: "must be an email address such as ada@example.com" }]);
  return email;
}

/** The same, but `undefined` for what is no address. */
export function canonicalEmail(text: string): string | undefined {
  if (text.length > lengthMax || /[\p{C}\p{Z}]/u.test(text)) return undefined;
  const at = text.lastIndexOf("@");
  // Checked before anything is normalized: the Kelvin sign becomes an ASCII k.
  const local = text.slice(0, at);
  if (at < 1 || local.length > localLengthMax || !/^[\x21-\x7e]+$/.test(local)) return undefined;
  const domain = canonicalDomain(text.slice(at + 1));
  const email = `${local.toLowerCase()}@${domain ?? ""}`;
  if (domain === undefined || !localPattern.test(local.toLowerCase()) || email.length > lengthMax)
    return undefined;
  return email;
}

function canonicalDomain(text: string): string | undefined {
  // domainToASCII reads hosts of URLs: what ends a host there must not get so far.
  if (/[^\p{L}\p{M}\p{N}.-]/u.test(text)) return undefined;
  const domain = domainToASCII(text).toLowerCase();
  const labels = domain.split(".");
  const top = labels.at(-1) ?? "";
  if (labels.length < 2 || domain.length > 253 || /^\d+$/.test(top)) return undefined;
  return labels.every((label) => labelPattern.test(label)) ? domain : undefined;
}
