import { loadMessages } from "#platform/kit/messages.ts";
import { formatDecimal, type Money } from "#platform/kit/money.ts";
import type { Facts } from "#platform/kit/service.ts";
import { Words } from "#platform/web/words.ts";
import en from "./messages/en.json" with { type: "json" };

export type MailWords = Words<keyof typeof en>;

/** The shop, as mails name it, and the words they use. */
export interface MailShop extends Pick<Facts, "name" | "url" | "supportEmail"> {
  readonly words: MailWords;
}

export async function openMailShop(shop: Facts, themes: readonly URL[]): Promise<MailShop> {
  const words = await loadWords(shop.locale, themes);
  const { name, supportEmail } = shop;
  return {
    name,
    supportEmail,
    words,
    // Known only once the listeners are open.
    get url() {
      return shop.url;
    },
  };
}

export async function loadWords(locale: string, themes: readonly URL[]): Promise<MailWords> {
  const folder = new URL("./messages/", import.meta.url);
  return new Words(await loadMessages({ service: "email", folder, english: en, locale, themes }));
}

export function moneyText({ words }: MailShop, amount: Money): string {
  return words.money({ amount: formatDecimal(amount), currencyCode: amount.currencyCode });
}
