// Amounts, times and names of countries as people of a locale write them.
import { decimalsOf } from "./money.ts";

/** The same few hundred amounts are shown again and again, and looking one up costs a fifth of formatting it. */
interface CurrencyTexts {
  readonly format: Intl.NumberFormat;
  readonly texts: Map<string, string>;
}

const textsMax = 2_000;

/**
 * Formats of one locale, each made once: making one takes a hundred times as long as using it. Instants are shown in UTC, because
 * a page without scripts does not know where it is read. Plain `en` writes dates day first.
 */
export class LocaleFormat {
  readonly #locale: string;
  readonly #money = new Map<string, CurrencyTexts>();
  readonly #number: Intl.NumberFormat;
  readonly #time: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #country: Intl.DisplayNames;
  readonly #list: Intl.ListFormat;

  constructor(locale: string) {
    this.#locale = locale;
    const dates = locale === "en" || locale === "en-US" ? "en-GB" : locale;
    this.#number = new Intl.NumberFormat(locale);
    this.#time = new Intl.DateTimeFormat(dates, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
    this.#day = new Intl.DateTimeFormat(dates, { dateStyle: "medium", timeZone: "UTC" });
    this.#country = new Intl.DisplayNames([locale], { type: "region" });
    this.#list = new Intl.ListFormat(locale, { type: "conjunction" });
  }

  /** "$19.99", "CA$26.75", "¥2,235": exact, because the format reads the digits of the decimal text and no float. */
  money(amount: string, currencyCode: string): string {
    const known = this.#money.get(currencyCode) ?? this.#openCurrency(currencyCode);
    let text = known.texts.get(amount);
    if (text === undefined) {
      if (known.texts.size >= textsMax) known.texts.clear();
      text = known.format.format(amount as `${number}`);
      known.texts.set(amount, text);
    }
    return text;
  }

  #openCurrency(currencyCode: string): CurrencyTexts {
    // Intl's own decimals differ from ISO 4217 for some currencies (HUF, IDR), and would round what is charged.
    const decimals = decimalsOf(currencyCode);
    const format = new Intl.NumberFormat(this.#locale, {
      style: "currency",
      currency: currencyCode,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    const opened = { format, texts: new Map<string, string>() };
    this.#money.set(currencyCode, opened);
    return opened;
  }

  number(value: number): string {
    return this.#number.format(value);
  }

  /** "a, b and c" */
  list(parts: readonly string[]): string {
    return this.#list.format(parts);
  }

  /** An instant or a day in ISO 8601, in words; what is neither is given back. */
  time(text: string): string {
    const time = new Date(text);
    if (Number.isNaN(time.getTime())) return text;
    return /^\d{4}-\d{2}-\d{2}$/.test(text) ? this.#day.format(time) : `${this.#time.format(time)} UTC`;
  }

  /** The name of a country; what is no code of one is given back. */
  country(code: string): string {
    return /^[A-Z]{2}$/.test(code) ? (this.#country.of(code) ?? code) : code;
  }
}
