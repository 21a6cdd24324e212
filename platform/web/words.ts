import { LocaleFormat } from "#platform/kit/locale-format.ts";
import type { Messages, MessageValues, RichValues } from "#platform/kit/messages.ts";
import { html, type Html } from "./html.ts";

/** Everything a page says: texts by key, and amounts, times and countries as its readers write them. */
export class Words<Key extends string> {
  readonly locale: string;
  readonly #messages: Messages<Key>;
  readonly #format: LocaleFormat;

  constructor(messages: Messages<Key>) {
    this.locale = messages.locale;
    this.#messages = messages;
    this.#format = new LocaleFormat(messages.locale);
  }

  /** Whether people who read English read these texts. */
  get isEnglish(): boolean {
    return this.locale === "en" || this.locale.startsWith("en-");
  }

  /** Plain text; the html template escapes it. */
  text(key: Key, values?: MessageValues): string {
    return this.#messages.text(key, values);
  }

  /** A text with markup: what its tags enclose is escaped and given to the tag's value. */
  rich(
    key: Key,
    values: { readonly [name: string]: string | number | Html | ((inside: Html) => Html) },
  ): Html {
    const given = Object.entries(values).map(([name, value]) => {
      if (typeof value !== "function") return [name, value];
      return [name, (inside: (string | Html)[]) => value(html`${inside}`)];
    });
    return html`${this.#messages.parts<Html>(key, Object.fromEntries(given) as RichValues<Html>)}`;
  }

  /** The text of a key that is put together at run time, if there is one. */
  find(key: string, values?: MessageValues): string | undefined {
    return this.#messages.has(key) ? this.#messages.text(key, values) : undefined;
  }

  money({ amount, currencyCode }: { readonly amount: string; readonly currencyCode: string }): string {
    return this.#format.money(amount, currencyCode);
  }

  number(value: number): string {
    return this.#format.number(value);
  }

  /** "colour, size and material" */
  list(parts: readonly string[]): string {
    return this.#format.list(parts);
  }

  country(code: string): string {
    return this.#format.country(code);
  }

  /** An instant or a day of the API, for people and for programs. */
  time(text: string): Html {
    const shown = this.#format.time(text);
    return shown === text ? html`<span>${text}</span>` : html`<time datetime="${text}">${shown}</time>`;
  }
}
