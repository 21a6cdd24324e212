import { Senders, type SendersOptions } from "#platform/http/sender.ts";
import type { HttpRequest } from "#platform/http/server.ts";
import type { Facts } from "#platform/kit/service.ts";

/** How somebody came to a page. */
export interface Visitor {
  /** Where they are; limits count by it. */
  readonly address: string;
  /** They came over https, so cookies may be Secure. */
  readonly isSecure: boolean;
  /** The hosts, with their ports, under which this visitor knows the shop. */
  readonly hosts: readonly string[];
}

/**
 * Tells how a visitor came: by the socket, or by the word of trusted proxies and services of the shop (Senders). The shop's own address
 * counts too: when it is https, whoever ends TLS before us need not say so.
 */
export class Visitors {
  readonly #senders: Senders;
  readonly #shop: Pick<Facts, "url">;

  constructor(options: SendersOptions, shop: Pick<Facts, "url">) {
    this.#senders = new Senders(options);
    this.#shop = shop;
  }

  of(request: HttpRequest): Visitor {
    const { address, scheme, host } = this.#senders.of(request);
    const url = URL.parse(this.#shop.url);
    const hosts = [request.headers.host, host, url?.host].filter((one) => one !== undefined);
    return { address, isSecure: scheme === "https" || url?.protocol === "https:", hosts };
  }
}
