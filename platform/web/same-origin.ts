import type { IncomingHttpHeaders } from "node:http";

/**
 * Whether a request that changes something may come from one of our pages. Browsers say where a form was sent from; clients
 * that are no browsers say nothing and may. `hosts` are those the shop is known under, with their ports.
 */
export function isFromOurPages(headers: IncomingHttpHeaders, hosts: readonly string[]): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const { origin } = headers;
  if (origin === undefined) return true;
  const url = URL.parse(origin);
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  return hosts.includes(url.host);
}

/** A request that changes something and was sent by a page of somebody else; nothing was done. */
export class ForeignRequest extends Error {
  override readonly name = "ForeignRequest";
}
