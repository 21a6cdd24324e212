// What people do in the shop, and whether what they see then is what the matrix promises.
import { systemClock } from "#platform/kit/clock.ts";
import { loadMessages } from "#platform/kit/messages.ts";
import { Words } from "#platform/web/words.ts";
import en from "../../services/storefront/messages/en.json" with { type: "json" };
import { acts, type Act, type Cell, type Outcome } from "../../services/resilience.ts";
import { checkoutFields, formFields, Shopper, unescape, type PageShown } from "../journeys/shopper.ts";

/** Beyond its limit an answer still has to be read by a busy machine. */
const slackMs = 250;

interface Seen {
  readonly what: string;
  readonly ms: number;
  readonly status: number;
  readonly text: string;
  readonly headers: PageShown["headers"];
}

/** People of one shop, who have been here before the fault: one who buys, one who pays in euro, and the staff. */
export class People {
  readonly #origin: string;
  readonly #buyer: Shopper;
  readonly #euro: Shopper;
  readonly #staffToken: string;
  readonly #login: { readonly email: string; readonly password: string };
  #productPath = "";
  #product: PageShown | undefined;
  #productId = "";

  constructor(origin: string, staffToken: string, login: { email: string; password: string }) {
    this.#origin = origin;
    this.#buyer = new Shopper(origin);
    this.#euro = new Shopper(origin);
    this.#staffToken = staffToken;
    this.#login = login;
  }

  /** What they have seen before: the pages of browsing, a cart with something in it, and the choice of another currency. */
  async comeIn(): Promise<void> {
    const list = await this.#buyer.get("/search?q=mug");
    this.#productPath = /href="(\/product\/[^"?]+)"/.exec(list.text)?.[1] ?? "";
    await this.#buyer.get("/");
    this.#product = await this.#buyer.get(this.#productPath);
    this.#productId = formFields(this.#product.text, "/cart")["product_id"] ?? "";
    await this.#buyer.submit(this.#product, "/cart", { quantity: "1" });
    await this.#buyer.get("/cart");
    await this.#buyer.get("/account/orders");
    await this.#euro.get("/");
    await this.#euro.post("/setCurrency", { currency_code: "EUR" }, { origin: this.#origin });
    await this.#euro.get("/");
    await this.#euro.get(this.#productPath);
  }

  /** What is wrong with what is seen; empty when it is as promised. */
  async judge({ act, outcome, state }: Pick<Cell, "act" | "outcome" | "state">): Promise<string[]> {
    const seen = await this.#see(act);
    const late = seen
      .filter(({ ms }) => ms > acts[act].limitMs + slackMs)
      .map(({ what, ms }) => `${what} took ${Math.round(ms)} ms`);
    const ugly = seen.flatMap((one) => uglyIn(one));
    // What is there only now and then is there, or not; or the cart page had no total, and now there is one to be looked at first.
    const wanted: readonly Outcome[] = state === "flaky" ? [{ kind: "ok" }, outcome] : [outcome];
    const isAskedAgain = state === "flaky" && act === "order" && seen.every(isTotalToLookAt);
    const faults = isAskedAgain ? [] : wanted.map((one) => faultsOf(seen, one));
    const best = faults.find((found) => found.length === 0) ?? faults.at(-1) ?? [];
    return [...late, ...ugly, ...best];
  }

  async #see(act: Act): Promise<Seen[]> {
    switch (act) {
      case "browse":
        return await this.#pages(this.#buyer, ["/", this.#productPath, "/search?q=mug"]);
      case "foreign":
        return await this.#pages(this.#euro, ["/", this.#productPath]);
      case "cart":
        return await this.#pages(this.#buyer, ["/cart"]);
      case "orders":
        return await this.#pages(this.#buyer, ["/account/orders"]);
      case "add":
        return [await timed("POST /cart", () => this.#add())];
      case "signIn":
        return [await timed("POST /account/login", () => this.#signIn())];
      case "order":
        return [await this.#order()];
      case "edit":
        return [await timed("PATCH /api/products", () => this.#edit())];
    }
  }

  async #pages(who: Shopper, paths: readonly string[]): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (const path of paths) seen.push(await timed(`GET ${path}`, () => who.get(path)));
    return seen;
  }

  async #add(): Promise<PageShown> {
    return await this.#buyer.submit(this.#product as PageShown, "/cart", { quantity: "1" });
  }

  async #signIn(): Promise<PageShown> {
    return await new Shopper(this.#origin).post("/account/login", this.#login, { origin: this.#origin });
  }

  /** From the cart page as it is now, or from what was remembered of it. */
  async #order(): Promise<Seen> {
    const cart = await this.#buyer.get("/cart");
    const fields = cart.text.includes('action="/cart/checkout"')
      ? formFields(cart.text, "/cart/checkout")
      : {};
    const form = { ...fields, ...checkoutFields };
    return await timed("POST /cart/checkout", () =>
      this.#buyer.post("/cart/checkout", form, { origin: this.#origin }),
    );
  }

  async #edit(): Promise<PageShown> {
    const path = `/api/products/${this.#productId}`;
    const answer = await fetch(this.#origin + path, {
      method: "PATCH",
      headers: { authorization: `Bearer ${this.#staffToken}`, "content-type": "application/json" },
      body: JSON.stringify({ attributes: { seen: String(Math.round(systemClock.monotonicMs())) } }),
    });
    const headers = Object.fromEntries(answer.headers);
    return { status: answer.status, path, headers, text: await answer.text() };
  }
}

async function timed(what: string, ask: () => Promise<PageShown>): Promise<Seen> {
  const began = systemClock.monotonicMs();
  const { status, text, headers } = await ask();
  return { what, ms: systemClock.monotonicMs() - began, status, text, headers };
}

const words = new Words(
  await loadMessages({
    service: "storefront",
    folder: new URL("../../services/storefront/messages/", import.meta.url),
    english: en,
    locale: "en-US",
    themes: [],
  }),
);

/** Each key as a reader finds it on a page, whatever its numbers. */
function patternOf(key: string): RegExp {
  const text = words.find(key, { minutes: 7, currency: "EUR", base: "USD", parts: "" });
  if (text === undefined) throw new Error(`The storefront has no words under ${key}.`);
  const escaped = text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(escaped.replace("7 minutes ago", String.raw`(a moment|\d+ minutes?) ago`));
}

function isTotalToLookAt({ status, text }: Seen): boolean {
  return status === 409 && patternOf("lacking.lookAtTotal").test(unescape(text));
}

function faultsOf(seen: readonly Seen[], outcome: Outcome): string[] {
  if (outcome.kind === "refused") return seen.flatMap((one) => refusalFaults(one));
  const bad = seen
    .filter(({ status }) => status >= 400)
    .map(({ what, status, text }) => `${what} answered ${status}: ${headingOf(text)}`);
  if (outcome.kind === "ok") {
    const lacking = seen.filter(({ text }) => text.includes('class="lacking"'));
    return [...bad, ...lacking.map(({ what, text }) => `${what} says ${lackingOf(text)}`)];
  }
  const pattern = patternOf(outcome.says);
  const isSaid = seen.some(({ text }) => pattern.test(unescape(text)));
  return isSaid ? bad : [...bad, `nothing says "${outcome.says}"`];
}

function refusalFaults({ what, status, headers, text }: Seen): string[] {
  if (status !== 503) return [`${what} answered ${status}, not 503: ${headingOf(text)}`];
  return headers["retry-after"] === undefined ? [`${what} has no Retry-After`] : [];
}

/** Nobody is shown the inside of a program, or nothing at all. */
function uglyIn({ what, status, headers, text }: Seen): string[] {
  const isStack = /\.ts:\d+|at async |node:internal/.test(text);
  const isEmpty = status >= 400 && text.trim() === "";
  const isPage = String(headers["content-type"]).startsWith("text/html");
  const isBare = isPage && !text.includes("<h1");
  return isStack || isEmpty || isBare
    ? [`${what} answered ${status} with ${text.slice(0, 200) || "nothing"}`]
    : [];
}

function headingOf(text: string): string {
  return /<h1[^>]*>(.*?)<\/h1>/.exec(text)?.[1] ?? text.slice(0, 160);
}

function lackingOf(text: string): string {
  return /class="lacking".*?<p>(.*?)<\/aside>/.exec(text)?.[1]?.replaceAll(/<[^>]+>/g, " ") ?? "";
}
