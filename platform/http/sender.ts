// Who is at the other end of an HTTP request, and over which address they came: the one place that believes proxies, or does not.
import { BlockList, isIP, isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import { bodyHash, streamed, verifyCall } from "#platform/auth/service-proof.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { defineConfig, setting } from "#platform/kit/config.ts";
import type { HttpRequest } from "./server.ts";

const proxies = setting.text({
  default: "",
  aliases: ["GATEWAY_TRUSTED_PROXIES"],
  doc: "Addresses or CIDR ranges, separated by commas, of proxies in front of the shop: from them X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are believed, from nobody else.",
});

/** For every service that speaks HTTP. */
export const SenderConfig = defineConfig({
  TRUSTED_PROXIES: {
    ...proxies,
    read: (text: string | undefined) => {
      const list = proxies.read(text);
      if (!parseProxies(list))
        throw new Error(
          "must be addresses or CIDR ranges separated by commas, such as 10.0.0.0/8, 192.0.2.7",
        );
      return list;
    },
  },
});

/** What is known of a request's origin. */
export interface Sender {
  /** Address of the person or program that began it. */
  readonly address: string;
  /** How they reached the shop. */
  readonly scheme: "http" | "https";
  /** Host and port they asked for. */
  readonly host: string;
  /** The service of this shop that passed it on, if it proved itself. */
  readonly service: string | undefined;
  /** The hash of the body that the proof speaks of: to be compared by whoever reads the body and lets the service do more. */
  readonly provenBodyHash: string | undefined;
}

/** Carries the base currency of the shop that a service of pages belongs to. */
export const currencyHeader = "x-stoa-currency";

/** Header names between services over HTTP; no proxy of a mesh rewrites them. */
export const proofHeader = "x-stoa-service";
export const clientHeaders = {
  address: "x-stoa-client-address",
  scheme: "x-stoa-client-scheme",
  host: "x-stoa-client-host",
} as const;

/** What a proof over HTTP is bound to, for who signs and who verifies: method, path, token, and what is said of the client. */
export function provenRequest(
  method: string,
  path: string,
  headers: { readonly [name: string]: string | string[] | undefined },
) {
  const said = ["authorization", ...Object.values(clientHeaders)].map((name) => {
    const value = headers[name];
    return value === undefined ? undefined : String(value);
  });
  return { method: `${method} ${path}`, said };
}

export interface SendersOptions {
  /** TRUSTED_PROXIES. */
  readonly proxies: string;
  readonly serviceKey: string;
  readonly clock: Clock;
}

/**
 * Tells who sent a request. It is the socket's other end, unless a trusted proxy or a service of this shop stands in between: then it is
 * whom they name. What anybody else says about addresses, schemes and hosts counts for nothing.
 */
export class Senders {
  readonly #proxies: BlockList;
  readonly #options: SendersOptions;

  constructor(options: SendersOptions) {
    const parsed = parseProxies(options.proxies);
    if (!parsed) throw new Error("TRUSTED_PROXIES was not checked.");
    this.#proxies = parsed;
    this.#options = options;
  }

  of(request: HttpRequest): Sender {
    const socketAddress = plainAddress(request.socket.remoteAddress ?? "");
    const direct: Sender = {
      address: socketAddress,
      scheme: (request.socket as Partial<TLSSocket>).encrypted === true ? "https" : "http",
      host: request.headers.host ?? "",
      service: undefined,
      provenBodyHash: undefined,
    };
    const proof = single(request.headers[proofHeader]);
    const proven = proof === undefined ? undefined : this.#verified(proof, request);
    if (proven) return { ...direct, ...toldByService(request), ...proven };
    return isTrusted(socketAddress, this.#proxies)
      ? { ...direct, ...toldByProxies(request, socketAddress, this.#proxies) }
      : direct;
  }

  #verified(proof: string, { method, url, headers }: HttpRequest) {
    const { serviceKey, clock } = this.#options;
    const found = verifyCall(proof, serviceKey, clock.now().getTime(), provenRequest(method, url, headers));
    return found && { service: found.service, provenBodyHash: found.bodyHash };
  }
}

/** True when the service that passed a request on has proved this body too. A body it only streamed is nobody's word. */
export function isProvenBody({ provenBodyHash }: Sender, body: Uint8Array | string | undefined): boolean {
  return provenBodyHash !== undefined && provenBodyHash !== streamed && provenBodyHash === bodyHash(body);
}

type Told = Partial<Pick<Sender, "address" | "scheme" | "host">>;

/** A service says what it has decided; its proof covers it. */
function toldByService({ headers }: HttpRequest): Told {
  const address = plainAddress(single(headers[clientHeaders.address]) ?? "");
  return {
    ...(isIP(address) === 0 ? {} : { address }),
    ...schemeAndHost(single(headers[clientHeaders.scheme]), single(headers[clientHeaders.host])),
  };
}

/** The rightmost address that is no trusted proxy: everything left of it may be invented, and so with what was said beside it. */
function toldByProxies({ headers }: HttpRequest, socketAddress: string, trusted: BlockList): Told {
  const chain = entries(headers["x-forwarded-for"]).map(plainAddress);
  let address = socketAddress;
  let hops = 0;
  for (const previous of chain.reverse()) {
    if (!isTrusted(address, trusted) || isIP(previous) === 0) break;
    address = previous;
    hops += 1;
  }
  // A proxy adds one entry or replaces the list: the one that belongs to the client stands as far from the right as its address.
  const beside = (value: string | string[] | undefined) => {
    const list = entries(value).reverse();
    return list[Math.min(Math.max(hops, 1), list.length) - 1];
  };
  return {
    address,
    ...schemeAndHost(beside(headers["x-forwarded-proto"]), beside(headers["x-forwarded-host"])),
  };
}

function schemeAndHost(scheme: string | undefined, host: string | undefined): Told {
  return {
    ...(scheme === "https" || scheme === "http" ? { scheme } : {}),
    ...(host !== undefined && /^[\w.:[\]-]{1,255}$/.test(host) ? { host } : {}),
  };
}

function entries(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return String(value)
    .split(",", 100)
    .map((part) => part.trim());
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Reads a list such as "10.0.0.0/8, 192.0.2.7"; undefined for a list that is not one. */
export function parseProxies(list: string): BlockList | undefined {
  const blocks = new BlockList();
  for (const entry of list.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const [address = "", bits] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    const bitsMax = family === "ipv6" ? 128 : 32;
    if (isIP(address) === 0) return undefined;
    if (bits === undefined) blocks.addAddress(address, family);
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax)
      blocks.addSubnet(address, Number(bits), family);
    else return undefined;
  }
  return blocks;
}

function isTrusted(address: string, trusted: BlockList): boolean {
  if (isIP(address) === 0) return false;
  return trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** IPv4 in its own form, also when the socket speaks IPv6. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
