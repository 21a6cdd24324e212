// A browser without JavaScript: keeps cookies, follows links and sends the forms it is shown.
import assert from "node:assert/strict";
import { request } from "undici";

export interface PageShown {
  readonly status: number;
  readonly path: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly text: string;
}

export type Fields = { readonly [name: string]: string };

export class Shopper {
  readonly cookies = new Map<string, string>();
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async get(path: string, headers: Fields = {}): Promise<PageShown> {
    return await this.send("GET", path, undefined, headers);
  }

  async post(path: string, fields: Fields = {}, headers: Fields = {}): Promise<PageShown> {
    return await this.send("POST", path, new URLSearchParams(fields).toString(), headers);
  }

  /** Fills the form that posts to `action` as it stands on the page, and sends it. */
  async submit(page: PageShown, action: string, fields: Fields = {}): Promise<PageShown> {
    return await this.post(action, { ...formFields(page.text, action), ...fields }, { origin: this.#origin });
  }

  /** Orders with the form of the cart page: the page of the order, or the one that says why there is none. */
  async order(cart: PageShown, fields: Fields = checkoutFields): Promise<PageShown> {
    const answer = await this.submit(cart, "/cart/checkout", fields);
    return answer.status === 303 ? await this.follow(answer) : answer;
  }

  /** Goes where a redirect leads. */
  async follow(page: PageShown): Promise<PageShown> {
    assert.ok(page.status === 302 || page.status === 303, `${page.status}: ${page.text.slice(0, 500)}`);
    return await this.get(String(page.headers["location"]));
  }

  async send(
    method: "GET" | "POST" | "HEAD",
    path: string,
    body?: string,
    headers: Fields = {},
  ): Promise<PageShown> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const form = body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
    const answer = await request(this.#origin + path, {
      method,
      body: body ?? null,
      headers: { ...(cookie ? { cookie } : {}), ...form, ...headers },
    });
    this.#keepCookies([answer.headers["set-cookie"] ?? []].flat());
    const isPage = String(answer.headers["content-type"]).startsWith("text/html");
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      path,
      headers: answer.headers,
      text: isPage ? withoutLooseSpace(text) : text,
    };
  }

  #keepCookies(lines: readonly string[]): void {
    for (const line of lines) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0(;|$)/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

/** White space beside tags means nothing to these tests. */
function withoutLooseSpace(html: string): string {
  return html.replace(/>\s+/g, ">").replace(/\s+</g, "<");
}

/** What a browser would send for the form, before anybody touches it. */
export function formFields(html: string, action: string): Fields {
  const form = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].find(
    ([, attributes = ""]) => attributeOf(attributes, "action") === action && /method="post"/.test(attributes),
  );
  if (!form) return assert.fail(`The page has no form that posts to ${action}.`);
  const fields: Record<string, string> = {};
  for (const [, attributes = ""] of (form[2] ?? "").matchAll(/<input\b([^>]*)>/g)) {
    const isChoice = /type="(radio|checkbox)"/.test(attributes);
    const name = attributeOf(attributes, "name");
    if (name !== undefined && (!isChoice || /\bchecked\b/.test(attributes)))
      fields[name] = attributeOf(attributes, "value") ?? "";
  }
  for (const [, attributes = "", options = ""] of (form[2] ?? "").matchAll(
    /<select\b([^>]*)>([\s\S]*?)<\/select>/g,
  )) {
    const all = [...options.matchAll(/<option\b([^>]*)>/g)].map(([, option = ""]) => option);
    const chosen = all.find((option) => /\bselected\b/.test(option)) ?? all[0] ?? "";
    const name = attributeOf(attributes, "name");
    if (name !== undefined) fields[name] = attributeOf(chosen, "value") ?? "";
  }
  return fields;
}

function attributeOf(attributes: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : unescape(value);
}

/** Text as a browser reads it. */
export function unescape(html: string): string {
  return html
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

/** The checkout form of the foreign contract, filled in by somebody in California. */
export const checkoutFields: Fields = {
  email: "ada@example.com",
  street_address: "1600 Amphitheatre Parkway",
  zip_code: "94043",
  city: "Mountain View",
  state: "CA",
  country: "United States",
  credit_card_number: "4242-4242-4242-4242",
  credit_card_expiration_month: "1",
  credit_card_expiration_year: "2039",
  credit_card_cvv: "672",
};
