import { isIPv6 } from "node:net";

/** What counts as one address: for IPv6 the /64 network, as one household has that many to choose from. */
export function limitKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [left = "", right = ""] = address.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === "" ? [] : right.split(":");
  const zeros = address.includes("::")
    ? Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0")
    : [];
  return [...head, ...zeros, ...tail].slice(0, 4).join(":");
}
