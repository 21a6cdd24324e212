// Who is at the other end: the address that limits count by.
import { BlockList, isIP, isIPv6 } from "node:net";
import { verifyServiceName } from "#platform/auth/service-proof.ts";

/** Reads a list such as "10.0.0.0/8, 192.0.2.7"; undefined for a list that is not one. */
export function parseProxies(list: string): BlockList | undefined {
  const proxies = new BlockList();
  for (const entry of list.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const [address = "", bits] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    const bitsMax = family === "ipv6" ? 128 : 32;
    if (isIP(address) === 0) return undefined;
    if (bits === undefined) proxies.addAddress(address, family);
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax)
      proxies.addSubnet(address, Number(bits), family);
    else return undefined;
  }
  return proxies;
}

export interface Sender {
  readonly socketAddress: string;
  readonly forwardedFor: string | undefined;
  readonly serviceProof: string | undefined;
  readonly claimedAddress: string | undefined;
}

export interface Origin {
  /** Address of the person or program that began it. */
  readonly address: string;
  /** The service of this shop that passed it on, if it proved itself. */
  readonly service: string | undefined;
}

/**
 * The address of the socket, unless a trusted proxy or a service of this shop stands in between: then the one they name. What
 * anybody else says about addresses counts for nothing.
 */
export function originOf(sender: Sender, proxies: BlockList, serviceKey: string, nowMs: number): Origin {
  const { serviceProof, claimedAddress } = sender;
  const service = serviceProof ? verifyServiceName(serviceProof, serviceKey, nowMs) : undefined;
  const socketAddress = plainAddress(sender.socketAddress);
  if (service !== undefined && claimedAddress !== undefined && isIP(claimedAddress) !== 0)
    return { address: plainAddress(claimedAddress), service };
  return { address: forwardedAddress(socketAddress, sender.forwardedFor, proxies), service };
}

/** The rightmost address that is no trusted proxy: everything left of it may be invented. */
function forwardedAddress(
  socketAddress: string,
  forwardedFor: string | undefined,
  proxies: BlockList,
): string {
  const chain = (forwardedFor ?? "").split(",", 100).map((part) => plainAddress(part.trim()));
  let address = socketAddress;
  for (const previous of chain.reverse()) {
    if (!isTrusted(address, proxies) || isIP(previous) === 0) break;
    address = previous;
  }
  return address;
}

function isTrusted(address: string, proxies: BlockList): boolean {
  if (isIP(address) === 0) return false;
  return proxies.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** IPv4 in its own form, also when the socket speaks IPv6. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

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
